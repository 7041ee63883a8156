//! Conditional requests, in the order of RFC 9110 §13.2.2.

use crate::etag;
use crate::request::Request;

/// What the conditions of a request say about a representation that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Answer as if there were none.
    Proceed,
    /// The client has it: 304.
    NotModified,
    /// The client wanted another: 412.
    Failed,
}

/// Evaluates `If-Match`, then `If-None-Match`, against the tag of the chosen form.
pub fn evaluate(request: &Request<'_>, tag: &str) -> Verdict {
    if request.if_match.is_some_and(|header| !is_any(header) && !etag::list(header).any(|received| received.is(tag))) {
        return Verdict::Failed;
    }
    if request
        .if_none_match
        .is_some_and(|header| is_any(header) || etag::list(header).any(|received| received.is_like(tag)))
    {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether `If-Range` lets the range apply. A date never does: it would have to equal a `Last-Modified`, and there is none.
pub fn range_applies(request: &Request<'_>, tag: &str) -> bool {
    request.if_range.is_none_or(|header| etag::list(header).next().is_some_and(|received| received.is(tag)))
}

fn is_any(header: &str) -> bool {
    header.trim() == "*"
}
