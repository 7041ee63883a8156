//! Conditional reads (RFC 9110 section 13.2.2, as S3 applies it) and conditional writes.

use http::{HeaderMap, HeaderValue, header};
use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::object::Description;
use super::store::Condition;

/// The conditions of a read.
#[derive(Debug, Default)]
pub struct Conditions {
    /// `If-Match`
    pub matches: Option<ETagCondition>,
    /// `If-None-Match`
    pub none_match: Option<ETagCondition>,
    /// `If-Modified-Since`
    pub modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`
    pub unmodified_since: Option<Timestamp>,
}

impl Conditions {
    /// Fails with 412, or with 304 when the reader has the object already.
    pub fn check(&self, found: &Description) -> S3Result<()> {
        let modified = whole_seconds(found.modified);
        match (&self.matches, &self.unmodified_since) {
            (Some(wanted), _) if !is(wanted, found) => return Err(precondition_failed()),
            (None, Some(since)) if modified > whole_seconds(since.clone().into()) => return Err(precondition_failed()),
            _ => {}
        }
        match (&self.none_match, &self.modified_since) {
            (Some(known), _) if is(known, found) => Err(not_modified(found)),
            (None, Some(since)) if modified <= whole_seconds(since.clone().into()) => Err(not_modified(found)),
            _ => Ok(()),
        }
    }
}

/// The condition of a write, from its headers. S3 takes only `*` for `If-None-Match` here.
pub fn of_write(matches: Option<&ETagCondition>, none_match: Option<&ETagCondition>) -> S3Result<Condition> {
    match (matches, none_match) {
        (None, None) => Ok(Condition::Always),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (Some(ETagCondition::Any), None) => Ok(Condition::Present),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Condition::Is(etag.value().to_owned())),
        (None, Some(_)) => Err(s3_error!(NotImplemented, "If-None-Match of a write can only be *")),
        (Some(_), Some(_)) => Err(s3_error!(InvalidRequest, "give If-Match or If-None-Match, not both")),
    }
}

/// 412, for reads and writes.
pub fn precondition_failed() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

fn is(condition: &ETagCondition, found: &Description) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == found.etag,
    }
}

/// Dates in headers have whole seconds.
fn whole_seconds(time: OffsetDateTime) -> i64 {
    time.unix_timestamp()
}

/// 304 repeats the validators, so that a cache can refresh what it holds.
fn not_modified(found: &Description) -> S3Error {
    let mut headers = HeaderMap::new();
    if let Ok(etag) = ETag::Strong(found.etag.clone()).to_http_header() {
        headers.insert(header::ETAG, etag);
    }
    let date = found.modified.to_offset(time::UtcOffset::UTC).format(&Rfc2822).unwrap_or_default();
    if let Ok(date) = HeaderValue::from_str(&date.replace("+0000", "GMT")) {
        headers.insert(header::LAST_MODIFIED, date);
    }
    let mut error = S3Error::new(S3ErrorCode::NotModified);
    error.set_headers(headers);
    error
}
