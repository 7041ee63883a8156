//! The one place where the back ends read the clock and the system's randomness.

use time::OffsetDateTime;

/// The current time. A server stamps what it stores, so it owns a clock, as AWS does.
#[expect(clippy::disallowed_methods, reason = "a service is the source of its own timestamps")]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// `bytes` random bytes as lower-case hexadecimal.
pub fn random_hex<const BYTES: usize>() -> String {
    hex::encode(random::<BYTES>())
}

/// Random bytes from the system.
pub fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    // Without randomness no identifier is unique; there is nothing sensible to go on with.
    getrandom::fill(&mut bytes).expect("the system's random number generator answers");
    bytes
}
