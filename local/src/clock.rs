//! The laptop's clock and its source of identifiers.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The present moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the platform plays AWS, whose clock the functions cannot be given either"
)]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// A moment as `2026-11-20T18:45:00Z`, the form of event envelopes.
pub fn timestamp(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

/// A random UUID, the form of AWS request ids.
pub fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness from the kernel nothing else here would work either; an id of zeros is then the least problem.
    _ = getrandom::fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A key that sorts by time of making, for file names: milliseconds and a counter.
pub fn sequence() -> String {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let count = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{:015}-{:010}-{}", now().unix_timestamp_nanos() / 1_000_000, count, std::process::id())
}
