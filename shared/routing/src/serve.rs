//! The answer that carries a file.

use domain::manifest::{Encoding, File};

use crate::conditions::{self, Verdict};
use crate::decision::{Body, Decision};
use crate::range::{self, Asked};
use crate::request::Request;
use crate::{encoding, etag, freshness};

/// A file found at its address: conditions, then range, then the whole.
pub fn found(path: &str, file: &File, request: &Request<'_>) -> Decision {
    // Ranges count bytes of the plain form, so that a player or a resumed download need not know about codings. `Range`
    // is defined for GET alone (RFC 9110 §14.2).
    let range = request.range.filter(|_| !request.is_head());
    let coding = if range.is_some() { Encoding::Identity } else { encoding::choose(file, request.accept_encoding) };
    let Some(part) = file.part(coding) else { return damaged() };
    let tag = etag::tag(&file.sha256, coding);
    let kept = |decision: Decision| {
        vary(decision, file)
            .with("etag", tag.clone())
            .with("cache-control", freshness::of(path, file))
            .with("accept-ranges", "bytes")
    };
    match conditions::evaluate(request, &tag) {
        Verdict::Proceed => {}
        Verdict::NotModified => return kept(Decision::new(304)),
        Verdict::Failed => return Decision::text(412, "412: the file is not the one that If-Match names\n"),
    }
    let length = part.end - part.start;
    match range
        .filter(|_| conditions::range_applies(request, &tag))
        .map_or(Asked::Whole, |header| range::asked(header, length))
    {
        Asked::Whole => content(kept(Decision::new(200)), file, coding, part),
        Asked::Part(asked) => {
            let told = format!("bytes {}-{}/{length}", asked.start, asked.end - 1);
            content(
                kept(Decision::new(206)).with("content-range", told),
                file,
                coding,
                part.start + asked.start..part.start + asked.end,
            )
        }
        Asked::Unsatisfiable => Decision::text(416, "416: the file has no such bytes\n")
            .with("accept-ranges", "bytes")
            .with("content-range", format!("bytes */{length}")),
    }
}

/// A site's own page that says that nothing is here. Conditions and ranges do not apply to errors, and nobody keeps it.
pub fn not_found(page: &File, request: &Request<'_>) -> Decision {
    let coding = encoding::choose(page, request.accept_encoding);
    let Some(part) = page.part(coding) else { return damaged() };
    content(vary(Decision::new(404), page).with("cache-control", freshness::NEVER), page, coding, part)
}

fn content(decision: Decision, file: &File, coding: Encoding, range: std::ops::Range<u64>) -> Decision {
    let mut decision = decision
        .with("content-type", file.content_type.clone())
        .with("content-length", (range.end - range.start).to_string());
    if let Some(token) = coding.token() {
        decision = decision.with("content-encoding", token);
    }
    if !range.is_empty() {
        decision.body = Body::Blob { sha256: file.sha256, range };
    }
    decision
}

fn vary(decision: Decision, file: &File) -> Decision {
    if encoding::varies(file) { decision.with("vary", "accept-encoding") } else { decision }
}

/// The manifest was checked when it was committed, so this is a fault of ours.
fn damaged() -> Decision {
    Decision::text(500, "500: the manifest of this deployment contradicts itself; deploy again\n")
}
