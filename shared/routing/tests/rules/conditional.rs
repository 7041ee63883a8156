//! Negotiation, conditions and ranges on one file that is stored plain (0..100), as brotli (100..130) and as gzip (130..170).

use crate::site;

use domain::Manifest;
use routing::{Body, Channel, Decision, Request, decide};

const GET: Request<'static> = Request {
    method: "GET",
    path: "/a.txt",
    query: None,
    accept: None,
    accept_encoding: None,
    if_match: None,
    if_none_match: None,
    if_range: None,
    range: None,
    sec_fetch_mode: None,
};

fn manifest() -> Manifest {
    let mut manifest = site::of(["404.html"]);
    manifest.files.insert("a.txt".parse().unwrap(), site::file("a.txt", 170, Some(30), Some(40)));
    manifest
}

fn ask(request: Request<'_>) -> Decision {
    decide(&manifest(), &request, Channel::Live)
}

fn tag(suffix: &str) -> String {
    format!("\"{}{suffix}\"", &domain::Sha256::of(b"a.txt").to_string()[..32])
}

/// (status, bytes of the object, Content-Encoding, Content-Range)
fn outline(decision: &Decision) -> (u16, Option<std::ops::Range<u64>>, Option<&str>, Option<&str>) {
    let range = match &decision.body {
        Body::Blob { range, .. } => Some(range.clone()),
        _ => None,
    };
    (decision.status, range, decision.header("content-encoding"), decision.header("content-range"))
}

#[test]
fn each_form_is_its_part_of_the_object_with_a_tag_of_its_own() {
    for (accept_encoding, range, coding, suffix) in [
        (None, 0..100, None, ""),
        (Some("br"), 100..130, Some("br"), "-br"),
        (Some("gzip"), 130..170, Some("gzip"), "-gzip"),
    ] {
        let decision = ask(Request { accept_encoding, ..GET });
        assert_eq!(decision.header("content-length"), Some((range.end - range.start).to_string().as_str()));
        assert_eq!(outline(&decision), (200, Some(range), coding, None));
        assert_eq!(decision.header("etag"), Some(tag(suffix).as_str()));
        assert_eq!(decision.header("vary"), Some("accept-encoding"));
        assert_eq!(decision.header("accept-ranges"), Some("bytes"));
    }
}

#[test]
fn if_none_match_is_a_weak_comparison_with_any_of_a_list() {
    let cases = [
        (tag(""), 304),
        (format!("W/{}", tag("")), 304),
        (format!("\"x\", {}", tag("")), 304),
        (format!("\"x,y\",W/\"z\",{}", tag("")), 304),
        ("*".into(), 304),
        (" * ".into(), 304),
        (tag("-br"), 200),
        ("\"x\"".into(), 200),
        (tag("").replace('"', ""), 200),
        ("".into(), 200),
    ];
    for (header, status) in cases {
        assert_eq!(ask(Request { if_none_match: Some(&header), ..GET }).status, status, "{header}");
    }
}

#[test]
fn a_304_has_what_a_cache_updates_and_no_content() {
    let tag = tag("-br");
    let decision = ask(Request { if_none_match: Some(&tag), accept_encoding: Some("br"), ..GET });
    assert_eq!((decision.status, &decision.body), (304, &Body::None));
    assert_eq!(decision.header("etag"), Some(tag.as_str()));
    assert_eq!(decision.header("vary"), Some("accept-encoding"));
    assert_eq!(decision.header("cache-control"), Some("public, max-age=0, must-revalidate"));
    for absent in ["content-type", "content-length", "content-encoding"] {
        assert_eq!(decision.header(absent), None, "{absent}");
    }
}

#[test]
fn if_match_is_a_strong_comparison() {
    let cases = [
        (tag(""), 200),
        (format!("\"x\", {}", tag("")), 200),
        ("*".into(), 200),
        (format!("W/{}", tag("")), 412),
        ("\"x\"".into(), 412),
        ("".into(), 412),
    ];
    for (header, status) in cases {
        let decision = ask(Request { if_match: Some(&header), ..GET });
        assert_eq!(decision.status, status, "{header}");
        assert!(status == 200 || decision.header("cache-control") == Some("no-store"));
    }
}

#[test]
fn if_match_is_evaluated_before_if_none_match() {
    let decision = ask(Request { if_match: Some("\"x\""), if_none_match: Some("*"), ..GET });
    assert_eq!(decision.status, 412);
}

#[test]
fn a_condition_is_evaluated_before_a_range() {
    let tag = tag("");
    assert_eq!(ask(Request { if_none_match: Some(&tag), range: Some("bytes=0-1"), ..GET }).status, 304);
    assert_eq!(ask(Request { if_match: Some("\"x\""), range: Some("bytes=0-1"), ..GET }).status, 412);
    assert_eq!(ask(Request { if_match: Some(&tag), range: Some("bytes=0-1"), ..GET }).status, 206);
}

#[test]
fn a_range_counts_bytes_of_the_plain_form() {
    let ranged = |range| ask(Request { range: Some(range), accept_encoding: Some("br, gzip"), ..GET });
    assert_eq!(outline(&ranged("bytes=0-0")), (206, Some(0..1), None, Some("bytes 0-0/100")));
    assert_eq!(outline(&ranged("bytes=90-")), (206, Some(90..100), None, Some("bytes 90-99/100")));
    assert_eq!(outline(&ranged("bytes=-1")), (206, Some(99..100), None, Some("bytes 99-99/100")));
    assert_eq!(outline(&ranged("bytes=50-1000")), (206, Some(50..100), None, Some("bytes 50-99/100")));
    assert_eq!(outline(&ranged("bytes=100-")), (416, None, None, Some("bytes */100")));
    assert_eq!(outline(&ranged("bytes=0-1,5-6")), (200, Some(0..100), None, None));
    assert_eq!(outline(&ranged("bytes=2-1")), (200, Some(0..100), None, None));
    assert_eq!(ranged("bytes=5-9").header("content-length"), Some("5"));
    assert_eq!(ranged("bytes=5-9").header("etag"), Some(tag("").as_str()));
    assert_eq!(ranged("bytes=100-").header("cache-control"), Some("no-store"));
}

#[test]
fn if_range_lets_a_range_apply_only_to_the_very_same_bytes() {
    let cases = [
        (tag(""), 206),
        (format!("W/{}", tag("")), 200),
        (tag("-br"), 200),
        ("\"x\"".into(), 200),
        ("Wed, 21 Oct 2015 07:28:00 GMT".into(), 200),
    ];
    for (header, status) in cases {
        let decision = ask(Request { range: Some("bytes=0-1"), if_range: Some(&header), ..GET });
        assert_eq!(decision.status, status, "{header}");
    }
    assert_eq!(ask(Request { range: Some("bytes=100-"), if_range: Some("\"x\""), ..GET }).status, 200);
    assert_eq!(ask(Request { if_range: Some(&tag("")), ..GET }).status, 200);
}

#[test]
fn a_head_ignores_ranges_but_not_conditions() {
    let tag = tag("-br");
    let head = Request { method: "HEAD", accept_encoding: Some("br"), range: Some("bytes=0-1"), ..GET };
    let decision = ask(head);
    assert_eq!((decision.status, decision.header("content-length")), (200, Some("30")));
    assert_eq!(ask(Request { if_none_match: Some(&tag), ..head }).status, 304);
}

#[test]
fn conditions_and_ranges_do_not_apply_to_what_is_not_there() {
    for request in [
        Request { if_none_match: Some("*"), ..GET },
        Request { if_match: Some("\"x\""), ..GET },
        Request { range: Some("bytes=0-1"), ..GET },
    ] {
        let decision = ask(Request { path: "/missing", ..request });
        assert_eq!(outline(&decision), (404, Some(0..10), None, None));
    }
}
