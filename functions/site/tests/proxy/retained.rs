//! Assets of what the site showed before, for pages that are still open.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::response::Response;

use crate::s3::{S3, deployment, other_deployment, project};
use crate::visit::{address, get, header, router, send, text};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The live deployment is `deployment()`; `other_deployment()` was live before.
async fn site() -> S3 {
    let s3 = S3::start().await;
    s3.deploy(deployment(), &[("index.html", HTML, b"new", b""), ("app-2b2b2b2b.js", SCRIPT, b"new", b"")]).await;
    let before: &[(&str, &str, &[u8], &[u8])] = &[
        ("index.html", HTML, b"old", b""),
        ("about.html", HTML, b"old", b""),
        ("page-1a1a1a1a.html", HTML, b"old", b""),
        ("app-1a1a1a1a.js", SCRIPT, b"old script", b"[brotli]"),
        ("plain.js", SCRIPT, b"old", b""),
    ];
    s3.deploy(other_deployment(), before).await;
    s3
}

async fn visit(router: &Router, path: &str) -> Response {
    get(router, &uri(path), &[("accept-encoding", "br")]).await
}

fn uri(path: &str) -> String {
    format!("/{}/{}.{}/live{path}", project(), deployment(), other_deployment())
}

#[tokio::test]
async fn a_page_that_is_open_finds_its_script_after_a_deploy() {
    let s3 = site().await;
    let router = router(&s3);
    let response = visit(&router, "/app-1a1a1a1a.js").await;
    assert_eq!((response.status().as_u16(), header(&response, "content-encoding")), (200, Some("br")));
    assert_eq!(header(&response, "x-slipway-deployment"), Some(other_deployment().to_string().as_str()));
    assert_eq!(header(&response, "cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(text(response).await, "[brotli]");
    let head = send(&router, "HEAD", &uri("/app-1a1a1a1a.js"), &[]).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, Some("10")));
    assert_eq!(send(&router, "POST", &uri("/app-1a1a1a1a.js"), &[]).await.status(), 405);
}

#[tokio::test]
async fn pages_and_files_of_plain_names_end_with_their_deployment() {
    let s3 = site().await;
    let router = router(&s3);
    for path in ["/about", "/page-1a1a1a1a", "/page-1a1a1a1a.html", "/plain.js", "/app-3c3c3c3c.js"] {
        assert_eq!(visit(&router, path).await.status(), 404, "{path}");
    }
    assert_eq!(text(visit(&router, "/").await).await, "new");
}

#[tokio::test]
async fn without_a_deployment_before_a_missing_script_is_404() {
    let s3 = site().await;
    assert_eq!(get(&router(&s3), &address("/app-1a1a1a1a.js"), &[]).await.status(), 404);
}

#[tokio::test]
async fn what_the_live_deployment_has_costs_no_look_at_the_one_before() {
    let s3 = site().await;
    let router = router(&s3);
    let before = s3.traffic.requests.load(Ordering::SeqCst);
    assert_eq!(text(visit(&router, "/app-2b2b2b2b.js").await).await, "new");
    assert_eq!(s3.traffic.requests.load(Ordering::SeqCst), before + 2);
}
