//! The clock. Only `main.rs` of a function names [`now`]; everything else takes a [`Clock`] or a moment.

use domain::Timestamp;

/// Tells the present moment.
pub type Clock = fn() -> Timestamp;

/// The present moment of this machine.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock; main.rs hands it on")]
pub fn now() -> Timestamp {
    time::OffsetDateTime::now_utc().into()
}
