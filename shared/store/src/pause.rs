//! Pauses between tries, so that writers who met once do not meet again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(320);

/// Waits for a random part of a time that doubles with each try: 40 ms after the first, at most [`LONGEST`]. A fixed
/// pause would keep writers in step that began together.
pub(crate) async fn pause(attempt: u32) {
    let window = Duration::from_millis(20).saturating_mul(1 << attempt.min(4)).min(LONGEST);
    // Hash keys that the standard library draws anew each time: random enough for a pause, without a crate.
    let random = RandomState::new().hash_one(attempt) % 1_000;
    tokio::time::sleep(window * random as u32 / 1_000).await;
}
