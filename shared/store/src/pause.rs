//! Pauses between tries, so that writers who met once do not meet again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(320);

/// How long a write is tried against others of the same project. All of them write the project's order, so of many that
/// come at once (a push of twenty branches, while a build commits) each has to wait for those before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tries until they succeed or the patience is over.
pub(crate) struct Tries {
    until: Instant,
    attempt: u32,
}

impl Tries {
    pub(crate) fn new() -> Self {
        Self { until: Instant::now() + PATIENCE, attempt: 0 }
    }

    /// Pauses before the next try; `false` when there is to be none.
    pub(crate) async fn again(&mut self) -> bool {
        self.attempt += 1;
        let more = Instant::now() < self.until;
        if more {
            pause(self.attempt).await;
        }
        more
    }
}

/// Waits for a random part of a time that doubles with each try: 40 ms after the first, at most [`LONGEST`]. A fixed
/// pause would keep writers in step that began together.
pub(crate) async fn pause(attempt: u32) {
    let window = Duration::from_millis(20).saturating_mul(1 << attempt.min(4)).min(LONGEST);
    // Hash keys that the standard library draws anew each time: random enough for a pause, without a crate.
    let random = RandomState::new().hash_one(attempt) % 1_000;
    tokio::time::sleep(window * random as u32 / 1_000).await;
}
