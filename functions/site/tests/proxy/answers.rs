use std::sync::atomic::Ordering;

use futures_util::future::join_all;

use crate::s3::{S3, deployment, other_deployment};
use crate::visit::{address, address_of, get, header, router, router_keeping, send, text};

const HTML: &str = "text/html; charset=utf-8";

async fn site() -> S3 {
    let s3 = S3::start().await;
    let files: &[(&str, &str, &[u8], &[u8])] = &[
        ("index.html", HTML, b"<h1>home</h1>", b"[brotli]"),
        ("404.html", HTML, b"<h1>no</h1>", b""),
        ("about.html", HTML, b"<h1>about</h1>", b""),
        ("data.bin", "application/octet-stream", b"0123456789", b""),
        ("empty.txt", "text/plain", b"", b""),
    ];
    s3.deploy(deployment(), files).await;
    s3
}

#[tokio::test]
async fn a_file_is_sent_with_its_headers() {
    let s3 = site().await;
    let response = get(&router(&s3), &address("/"), &[]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), Some(HTML));
    assert_eq!(header(&response, "content-length"), Some("13"));
    assert_eq!(header(&response, "vary"), Some("accept-encoding"));
    assert_eq!(header(&response, "x-slipway-deployment"), Some(deployment().to_string().as_str()));
    assert_eq!(header(&response, "x-robots-tag"), None);
    assert_eq!(text(response).await, "<h1>home</h1>");
}

#[tokio::test]
async fn the_stored_brotli_form_is_sent_to_who_accepts_it() {
    let s3 = site().await;
    let response = get(&router(&s3), &address("/"), &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((header(&response, "content-encoding"), header(&response, "content-length")), (Some("br"), Some("8")));
    assert_eq!(text(response).await, "[brotli]");
}

#[tokio::test]
async fn a_known_tag_is_304_without_content_or_length_and_without_asking_for_the_blob() {
    let s3 = site().await;
    let router = router(&s3);
    let first = get(&router, &address("/about"), &[]).await;
    let tag = header(&first, "etag").unwrap().to_owned();
    let before = s3.traffic.requests.load(Ordering::SeqCst);
    let response = get(&router, &address("/about"), &[("if-none-match", "\"x\""), ("if-none-match", &tag)]).await;
    assert_eq!(response.status(), 304);
    assert_eq!(header(&response, "etag"), Some(tag.as_str()));
    assert_eq!(header(&response, "content-length"), None);
    assert_eq!(text(response).await, "");
    assert_eq!(s3.traffic.requests.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn a_range_is_206_and_exactly_those_bytes() {
    let s3 = site().await;
    let router = router(&s3);
    let response = get(&router, &address("/data.bin"), &[("range", "bytes=-3")]).await;
    assert_eq!(response.status(), 206);
    assert_eq!(header(&response, "content-range"), Some("bytes 7-9/10"));
    assert_eq!(text(response).await, "789");
    let response = get(&router, &address("/data.bin"), &[("range", "bytes=10-")]).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-range")), (416, Some("bytes */10")));
}

#[tokio::test]
async fn a_head_has_the_length_of_the_get_and_no_content() {
    let s3 = site().await;
    let response = send(&router(&s3), "HEAD", &address("/data.bin"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-length")), (200, Some("10")));
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn an_empty_file_is_an_empty_answer() {
    let s3 = site().await;
    let response = get(&router(&s3), &address("/empty.txt"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-length")), (200, Some("0")));
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn a_redirect_is_within_the_site_and_not_within_the_rewritten_path() {
    let s3 = site().await;
    let response = get(&router(&s3), &address("/about.html?a=1"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "location")), (308, Some("/about?a=1")));
}

#[tokio::test]
async fn a_missing_page_is_the_sites_own_404() {
    let s3 = site().await;
    let response = get(&router(&s3), &address("/nope"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (404, Some("no-store")));
    assert_eq!(text(response).await, "<h1>no</h1>");
}

#[tokio::test]
async fn a_preview_is_hidden_from_search_engines() {
    let s3 = site().await;
    let response = get(&router(&s3), &address_of(deployment(), "preview", "/"), &[]).await;
    assert_eq!(header(&response, "x-robots-tag"), Some("noindex"));
}

#[tokio::test]
async fn a_method_that_changes_things_is_refused() {
    let s3 = site().await;
    let response = send(&router(&s3), "POST", &address("/"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn an_unknown_deployment_is_404_until_it_is_committed() {
    let s3 = site().await;
    let router = router(&s3);
    let uri = address_of(other_deployment(), "live", "/");
    let response = get(&router, &uri, &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (404, Some("no-store")));
    s3.deploy(other_deployment(), &[("index.html", HTML, b"new", b"")]).await;
    assert_eq!(text(get(&router, &uri, &[]).await).await, "new");
}

#[tokio::test]
async fn an_address_of_another_shape_is_404_without_asking_s3() {
    let s3 = site().await;
    let before = s3.traffic.requests.load(Ordering::SeqCst);
    for uri in ["/", "/x", &address_of(deployment(), "draft", "/"), &address("/").to_uppercase()] {
        assert_eq!(get(&router(&s3), uri, &[]).await.status(), 404, "{uri}");
    }
    assert_eq!(s3.traffic.requests.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn visitors_who_come_at_once_share_one_reading_of_the_manifest() {
    let s3 = site().await;
    let router = router(&s3);
    let before = s3.traffic.requests.load(Ordering::SeqCst);
    let uri = address("/about.html");
    let answers = join_all((0..50).map(|_| get(&router, &uri, &[]))).await;
    assert!(answers.iter().all(|answer| answer.status() == 308));
    assert_eq!(s3.traffic.requests.load(Ordering::SeqCst), before + 1);
}

#[tokio::test]
async fn the_manifest_used_longest_ago_is_the_one_that_is_read_again() {
    let s3 = site().await;
    s3.deploy(other_deployment(), &[("x.html", HTML, b"x", b"")]).await;
    let router = router_keeping(&s3, 1);
    let before = s3.traffic.requests.load(Ordering::SeqCst);
    for (uri, readings) in [
        (address("/about.html"), 1),
        (address("/about.html"), 1),
        (address_of(other_deployment(), "live", "/x.html"), 2),
        (address("/about.html"), 3),
    ] {
        assert_eq!(get(&router, &uri, &[]).await.status(), 308);
        assert_eq!(s3.traffic.requests.load(Ordering::SeqCst), before + readings, "{uri}");
    }
}
