use std::sync::atomic::Ordering;

use axum::Router;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use site::Site;
use tokio::net::TcpListener;

use crate::s3::{S3, artifacts_at, deployment};
use crate::visit::{address, get, header, router, text};

async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

#[tokio::test]
async fn an_unreachable_s3_is_503_without_a_word_of_what_is_inside() {
    let endpoint = nobody().await;
    let router = site::router(Site::new(artifacts_at(&endpoint), 4.try_into().unwrap()));
    let response = get(&router, &address("/"), &[]).await;
    assert_eq!(response.status(), 503);
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(header(&response, "content-type"), Some("application/problem+json"));
    let text = text(response).await;
    for inside in ["127.0.0.1", "artifacts", "projects/", "S3", "dispatch"] {
        assert!(!text.contains(inside), "{text}");
    }
}

#[tokio::test]
async fn a_blob_that_is_lost_is_503_and_not_the_sites_404() {
    let s3 = S3::start().await;
    s3.deploy(deployment(), &[("a.txt", "text/plain", b"a", b"")]).await;
    s3.lose_blobs();
    let response = get(&router(&s3), &address("/a.txt"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (503, Some("no-store")));
}

#[tokio::test]
async fn what_was_read_before_s3_fails_is_still_served_from_memory() {
    let s3 = S3::start().await;
    s3.deploy(deployment(), &[("a.html", "text/html", b"a", b"")]).await;
    let router = router(&s3);
    let tag = header(&get(&router, &address("/a"), &[]).await, "etag").unwrap().to_owned();
    s3.lose_blobs();
    assert_eq!(get(&router, &address("/a"), &[("if-none-match", &tag)]).await.status(), 304);
    assert_eq!(get(&router, &address("/a.html"), &[]).await.status(), 308);
}

#[tokio::test]
async fn s3_breaking_off_breaks_the_answer_instead_of_shortening_it() {
    let s3 = S3::start().await;
    let bytes = vec![7; 3_000_000];
    s3.deploy(deployment(), &[("large.bin", "application/octet-stream", &bytes, b"")]).await;
    let origin = serve(router(&s3)).await;
    // The manifest is far shorter than that.
    s3.traffic.break_after.store(1_000_000, Ordering::SeqCst);
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request =
        hyper::Request::get(format!("{origin}{}", address("/large.bin"))).body(Empty::<Bytes>::new()).unwrap();
    let response = client.request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let (mut body, mut received) = (response.into_body(), 0);
    let broken = loop {
        match body.frame().await {
            Some(Ok(frame)) => received += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken, "the answer ended as if it were whole, after {received} bytes");
    assert!(received < bytes.len());
}
