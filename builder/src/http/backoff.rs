//! Waiting between tries: exponential with full jitter, so that many builders do not return in step.

use std::time::Duration;

/// How often a call is made before its last error is final.
pub const TRIES: u32 = 6;
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(8);

/// Counts the tries of one call.
#[derive(Debug, Default)]
pub struct Backoff {
    tried: u32,
}

impl Backoff {
    /// Waits before the next try; `false` when there have been enough. A server's `Retry-After` is obeyed up to 30 s.
    pub fn wait(&mut self, retry_after: Option<Duration>) -> bool {
        self.tried += 1;
        if self.tried >= TRIES {
            return false;
        }
        std::thread::sleep(self.pause(u32::from_le_bytes(crate::token::random()), retry_after));
        true
    }

    fn pause(&self, random: u32, retry_after: Option<Duration>) -> Duration {
        let most = LONGEST.min(FIRST * 2u32.pow(self.tried.min(10)));
        let jittered = most.mul_f64(0.25 + 0.75 * f64::from(random) / f64::from(u32::MAX));
        jittered.max(retry_after.unwrap_or_default().min(Duration::from_secs(30)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_stay_bounded_and_obey_the_server() {
        let at = |tried| Backoff { tried };
        assert!(at(1).pause(u32::MAX, None) <= Duration::from_millis(400));
        assert!(at(5).pause(0, None) >= Duration::from_millis(1_000));
        assert!(at(30).pause(u32::MAX, None) <= LONGEST);
        assert_eq!(at(1).pause(0, Some(Duration::from_secs(12))), Duration::from_secs(12));
        assert_eq!(at(1).pause(0, Some(Duration::from_secs(900))), Duration::from_secs(30));
    }
}
