//! What holds for every site and every request.

use crate::site;

use domain::Manifest;
use domain::manifest::Encoding;
use proptest::prelude::*;
use routing::{Body, Channel, Request, decide};

/// File names that collide with what clean URLs do, as often as possible.
fn a_path() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec![
        "a",
        "b",
        "index",
        "index.html",
        "404.html",
        "a.html",
        "b.html",
        ".html",
        "..html",
        "...html",
        "a.html.html",
        "index.html.html",
        "é x",
        "%",
        "a.js",
    ]);
    prop::collection::vec(segment, 1..4).prop_map(|segments| segments.join("/"))
}

fn a_site() -> impl Strategy<Value = Manifest> {
    prop::collection::btree_set(a_path(), 0..8).prop_map(|paths| {
        let mut manifest = site::of(paths.iter().map(String::as_str));
        for (index, file) in manifest.files.values_mut().enumerate() {
            (file.size, file.brotli, file.gzip) =
                (10 + index as u64 * 7, (index % 2 == 0).then_some(3), (index % 3 == 0).then_some(4));
        }
        manifest
    })
}

/// A request path as it comes, or one that nearly names a file.
fn a_raw_path() -> impl Strategy<Value = String> {
    let ending = prop::sample::select(vec!["", "/", ".html", "/index", "/index/", "/index.html", "//", "/..", "%2f"]);
    let near = (a_path(), ending)
        .prop_map(|(path, ending)| format!("/{}{ending}", path.replace('%', "%25").replace(' ', "%20")));
    prop_oneof![near, "/[ -~]{0,20}", "(/|%2[fF]|%5[cC]|\\\\|\\.|%2e|a|:|%00|%0a|@|evil){0,12}", any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_has_a_complete_answer_that_stays_on_the_site(
        manifest in a_site(),
        path in a_raw_path(),
        method in prop_oneof![8 => Just("GET"), 2 => Just("HEAD"), 1 => Just("POST")],
        headers in prop::collection::vec(prop::option::weighted(0.3, "[ -~]{0,12}|bytes=[0-9]{0,2}-[0-9]{0,2}|\\*|br|gzip;q=0.[0-9]|navigate|text/html"), 7),
        query in prop::option::of(any::<String>()),
    ) {
        let request = Request {
            method,
            path: &path,
            query: query.as_deref(),
            accept: headers[0].as_deref(),
            accept_encoding: headers[1].as_deref(),
            if_match: headers[2].as_deref(),
            if_none_match: headers[3].as_deref(),
            if_range: headers[4].as_deref(),
            range: headers[5].as_deref(),
            sec_fetch_mode: headers[6].as_deref(),
        };
        let decision = decide(&manifest, &request, Channel::Live);
        prop_assert!([200, 206, 304, 308, 400, 404, 405, 412, 416].contains(&decision.status), "{}", decision.status);

        let names: std::collections::BTreeSet<_> = decision.headers.iter().map(|(name, _)| *name).collect();
        prop_assert_eq!(names.len(), decision.headers.len(), "a header twice: {:?}", decision.headers);
        for (name, value) in &decision.headers {
            prop_assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{}: {:?}", name, value);
        }

        if let Some(location) = decision.header("location") {
            prop_assert!(location.starts_with('/') && !location.starts_with("//") && !location.contains('\\'), "{}", location);
        }
        prop_assert_eq!(decision.header("location").is_some(), decision.status == 308);

        match &decision.body {
            Body::Blob { sha256, range } => {
                let file = manifest.files.values().find(|file| file.sha256 == *sha256).unwrap();
                let forms = [Encoding::Identity, Encoding::Brotli, Encoding::Gzip];
                let form = forms.into_iter().find(|form| form.token() == decision.header("content-encoding")).unwrap();
                let part = file.part(form).unwrap();
                prop_assert!(range.start < range.end && part.start <= range.start && range.end <= part.end);
                let length = (range.end - range.start).to_string();
                prop_assert_eq!(decision.header("content-length"), Some(length.as_str()));
            }
            Body::Text(text) => {
                let length = text.len().to_string();
                prop_assert_eq!(decision.header("content-length"), Some(length.as_str()));
            }
            Body::None => prop_assert!(method == "HEAD" || [304, 308].contains(&decision.status)),
        }
    }

    #[test]
    fn redirects_end_at_a_page_within_two_steps(manifest in a_site(), path in a_raw_path()) {
        let mut at = path.clone();
        for step in 0..3 {
            let decision = decide(&manifest, &Request { method: "GET", path: &at, ..Request::default() }, Channel::Live);
            match decision.header("location") {
                Some(location) => at = location.to_owned(),
                None if step == 0 => return Ok(()),
                None => {
                    prop_assert_eq!(decision.status, 200, "{} leads to {}", path, at);
                    return Ok(());
                }
            }
        }
        prop_assert!(false, "{path} still redirects, to {at}");
    }

    #[test]
    fn every_file_but_those_shadowed_by_name_has_an_address(manifest in a_site()) {
        for path in manifest.files.keys() {
            let mut at = format!("/{}", path.as_str().replace('%', "%25"));
            let mut sent = None;
            for _ in 0..3 {
                let decision = decide(&manifest, &Request { method: "GET", path: &at, ..Request::default() }, Channel::Live);
                sent = site::sent(&manifest, &decision).map(str::to_owned);
                match decision.header("location") {
                    Some(location) => at = location.to_owned(),
                    None => break,
                }
            }
            prop_assert_eq!(sent.as_deref(), Some(path.as_str()));
        }
    }
}
