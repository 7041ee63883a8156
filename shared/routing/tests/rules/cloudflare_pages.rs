//! The same requests to Cloudflare Pages' own asset server and to us. `cloudflare_pages.json` holds what it answered for
//! two sites; `TAG` in a condition stands for the tag of the file that is asked for.

use crate::site;

use std::collections::BTreeMap;

use routing::{Channel, Request, decide};
use serde::Deserialize;

/// (site, path, distinguishing header) → our status, and why it is another one.
const DEVIATIONS: &[(&str, &str, &str, u16, &str)] = &[
    ("B", "/deep/link", "", 404, "the app's shell is for navigations; this request says nothing of being one"),
    ("B", "/deep/link.js", "", 404, "a missing script as 200 HTML is an app that fails with 'Unexpected token <'"),
    ("B", "/missing.png", "", 404, "a missing image as 200 HTML is cached and hides the mistake"),
    ("A", "/about", "\"zz\", TAG", 304, "If-None-Match is a list (RFC 9110 §13.1.2)"),
    ("A", "/about", "*", 304, "If-None-Match: * matches whatever exists (RFC 9110 §13.1.2)"),
    ("A", "/img.png", "bytes=0-0", 206, "ranges let players seek and downloads resume (RFC 9110 §14)"),
];

#[derive(Deserialize)]
struct Recorded {
    sites: BTreeMap<String, Vec<String>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    site: String,
    method: String,
    path: String,
    query: Option<String>,
    if_none_match: Option<String>,
    range: Option<String>,
    status: u16,
    location: Option<String>,
    file: Option<String>,
    cache_control: Option<String>,
}

#[test]
fn we_answer_as_cloudflare_pages_does_but_for_the_listed_deviations() {
    let recorded: Recorded = serde_json::from_str(include_str!("cloudflare_pages.json")).unwrap();
    let mut deviated = Vec::new();
    for case in &recorded.cases {
        let manifest = site::of(recorded.sites[&case.site].iter().map(String::as_str));
        let plain =
            decide(&manifest, &Request { method: "GET", path: &case.path, ..Request::default() }, Channel::Live);
        let tag = plain.header("etag").unwrap_or_default();
        let condition = case.if_none_match.as_ref().map(|header| header.replace("\"TAG\"", tag));
        let request = Request {
            method: &case.method,
            path: &case.path,
            query: case.query.as_deref(),
            if_none_match: condition.as_deref(),
            range: case.range.as_deref(),
            ..Request::default()
        };
        let ours = decide(&manifest, &request, Channel::Live);
        let header =
            case.if_none_match.as_deref().or(case.range.as_deref()).unwrap_or_default().replace("\"TAG\"", "TAG");
        let known = DEVIATIONS.iter().find(|(site, path, distinguishing, ..)| {
            case.site == *site && case.path == *path && header == *distinguishing
        });
        let name = format!("{} {} {} {header}", case.site, case.method, case.path);
        if let Some((.., status, _)) = known {
            assert_eq!(ours.status, *status, "{name}");
            assert_ne!(ours.status, case.status, "{name} is no deviation any more");
            deviated.push(name);
            continue;
        }
        assert_eq!(ours.status, case.status, "{name}");
        assert_eq!(ours.header("location"), case.location.as_deref(), "{name}");
        if case.method == "GET" {
            assert_eq!(site::sent(&manifest, &ours), case.file.as_deref(), "{name}");
        }
        if case.cache_control.is_some() {
            assert_eq!(ours.header("cache-control"), case.cache_control.as_deref(), "{name}");
        }
        assert_eq!(ours.header("x-content-type-options"), Some("nosniff"), "{name}");
        assert_eq!(ours.header("referrer-policy"), Some("strict-origin-when-cross-origin"), "{name}");
    }
    assert_eq!(deviated.len(), DEVIATIONS.len(), "only these were met: {deviated:#?}");
}
