//! Requests and their answers, one line each.

use crate::site;

use domain::Manifest;
use routing::{Body, Channel, Decision, Request, decide};

fn get(manifest: &Manifest, path: &str) -> Decision {
    decide(manifest, &Request { method: "GET", path, ..Request::default() }, Channel::Live)
}

fn navigate(manifest: &Manifest, path: &str) -> Decision {
    let sec_fetch_mode = Some("navigate");
    decide(manifest, &Request { method: "GET", path, sec_fetch_mode, ..Request::default() }, Channel::Live)
}

/// `expected` is the file that is sent, a Location, or `-` for neither.
#[track_caller]
fn check(manifest: &Manifest, decision: &Decision, status: u16, expected: &str) {
    let got = site::sent(manifest, decision).or(decision.header("location")).unwrap_or("-");
    assert_eq!((decision.status, got), (status, expected));
}

#[test]
fn an_app_without_404_page_gets_its_shell_for_navigations_only() {
    let app = site::of(["index.html", "app.js", "docs/guide.html"]);
    check(&app, &navigate(&app, "/deep/link"), 200, "index.html");
    check(&app, &navigate(&app, "/deep/link/"), 200, "index.html");
    check(&app, &navigate(&app, "/docs/guide"), 200, "docs/guide.html");
    check(&app, &get(&app, "/deep/link"), 404, "-");
    for path in ["/missing.png", "/.env", "/deep/v1.2", "/wp-login.php", "/a.b/"] {
        check(&app, &navigate(&app, path), 404, "-");
    }
    for path in ["//deep", "/a%2Fb", "/%2e%2e/deep", "/a/../b"] {
        check(&app, &navigate(&app, path), 404, "-");
    }
}

#[test]
fn a_navigation_is_recognised_by_fetch_mode_or_else_by_accept() {
    let app = site::of(["index.html"]);
    let asked = |sec_fetch_mode, accept| {
        let request = Request { method: "GET", path: "/deep", sec_fetch_mode, accept, ..Request::default() };
        decide(&app, &request, Channel::Live).status
    };
    assert_eq!(asked(None, Some("text/html,application/xhtml+xml,*/*;q=0.8")), 200);
    assert_eq!(asked(Some("navigate"), None), 200);
    assert_eq!(asked(Some("cors"), Some("text/html")), 404);
    assert_eq!(asked(None, Some("*/*")), 404);
    assert_eq!(asked(None, None), 404);
}

#[test]
fn a_shell_tells_caches_what_it_depends_on() {
    let app = site::of(["index.html"]);
    assert_eq!(navigate(&app, "/deep").header("vary"), Some("accept-encoding, accept, sec-fetch-mode"));
    assert_eq!(get(&app, "/").header("vary"), None);
}

#[test]
fn a_site_with_any_404_page_has_no_shell() {
    let site = site::of(["index.html", "docs/404.html"]);
    check(&site, &navigate(&site, "/deep"), 404, "-");
    check(&site, &navigate(&site, "/docs/deep/er"), 404, "docs/404.html");
}

#[test]
fn the_nearest_404_page_is_shown() {
    let site = site::of(["404.html", "docs/404.html", "docs/api/x.html", "other/x.html"]);
    check(&site, &get(&site, "/docs/api/y"), 404, "docs/404.html");
    check(&site, &get(&site, "/docs/"), 404, "docs/404.html");
    check(&site, &get(&site, "/docs"), 404, "404.html");
    check(&site, &get(&site, "/other/y/"), 404, "404.html");
    check(&site, &get(&site, "//"), 404, "404.html");
    assert_eq!(get(&site, "/other/y").header("cache-control"), Some("no-store"));
    assert_eq!(get(&site, "/other/y").header("etag"), None);
}

#[test]
fn spellings_of_a_page_redirect_only_to_what_is_served() {
    let site = site::of(["a/index/index.html", "b.html/index.html", "c/.html", "..html", "d.html.html"]);
    check(&site, &get(&site, "/a/index"), 308, "/a/index/");
    check(&site, &get(&site, "/a/index/"), 200, "a/index/index.html");
    check(&site, &get(&site, "/a/"), 404, "-");
    check(&site, &get(&site, "/b.html"), 308, "/b.html/");
    check(&site, &get(&site, "/c/.html"), 200, "c/.html");
    check(&site, &get(&site, "/..html"), 200, "..html");
    check(&site, &get(&site, "/d.html.html"), 308, "/d.html");
    check(&site, &get(&site, "/d.html"), 200, "d.html.html");
}

#[test]
fn a_redirect_stays_on_the_site_and_is_asked_about_again() {
    let site = site::of(["index.html", "evil.example/index.html", "a b.html"]);
    check(&site, &get(&site, "/evil.example"), 308, "/evil.example/");
    check(&site, &get(&site, "//evil.example"), 404, "-");
    check(&site, &get(&site, "/%2Fevil.example"), 404, "-");
    check(&site, &get(&site, "/%5Cevil.example"), 404, "-");
    check(&site, &get(&site, "/a%20b.html"), 308, "/a%20b");
    assert_eq!(get(&site, "/index.html").header("cache-control"), Some("public, max-age=0, must-revalidate"));
    let request = Request { method: "GET", path: "/index.html", query: Some("x=%2F&y"), ..Request::default() };
    check(&site, &decide(&site, &request, Channel::Live), 308, "/?x=%2F&y");
}

#[test]
fn what_is_no_path_is_a_bad_request() {
    let site = site::of(["index.html", "404.html"]);
    for path in ["", "x", "*", "/%", "/%00", "/%ff", "/a%0Ab"] {
        let decision = get(&site, path);
        assert_eq!((decision.status, decision.header("cache-control")), (400, Some("no-store")), "{path:?}");
    }
}

#[test]
fn only_get_and_head_are_answered() {
    let site = site::of(["index.html"]);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", ""] {
        let decision = decide(&site, &Request { method, path: "/", ..Request::default() }, Channel::Live);
        assert_eq!((decision.status, decision.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
}

#[test]
fn a_head_has_the_headers_of_get_and_no_body() {
    let site = site::of(["index.html", "404.html", "a.html"]);
    for path in ["/", "/a", "/a.html", "/missing", "/%"] {
        let got = get(&site, path);
        let head = decide(&site, &Request { method: "HEAD", path, ..Request::default() }, Channel::Live);
        assert_eq!((head.status, &head.headers), (got.status, &got.headers), "{path}");
        assert_eq!(head.body, Body::None);
    }
}

#[test]
fn previews_are_hidden_from_search_engines_whatever_the_answer() {
    let site = site::of(["index.html", "a.html"]);
    for path in ["/", "/a.html", "/missing", "/%"] {
        let request = Request { method: "GET", path, ..Request::default() };
        let preview = decide(&site, &request, Channel::Preview);
        assert_eq!(preview.header("x-robots-tag"), Some("noindex"), "{path}");
        assert_eq!(preview.header("x-slipway-deployment"), Some(site::DEPLOYMENT), "{path}");
        assert_eq!(decide(&site, &request, Channel::Live).header("x-robots-tag"), None, "{path}");
    }
}

#[test]
fn an_empty_file_is_an_answer_without_a_body() {
    let mut site = site::of(["empty.txt"]);
    site.files.values_mut().for_each(|file| file.size = 0);
    let decision = get(&site, "/empty.txt");
    assert_eq!((decision.status, decision.header("content-length"), &decision.body), (200, Some("0"), &Body::None));
}
