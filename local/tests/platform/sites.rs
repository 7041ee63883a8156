use bytes::Bytes;
use http_body_util::BodyExt;

use crate::world::{World, client, request};

#[tokio::test(flavor = "multi_thread")]
async fn the_edge_function_rewrites_and_the_origin_answers() {
    let world = World::start().await;
    let answer = world.site("GET", "blog", "/a%20b?q=%2F").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let event = answer.json();
    assert_eq!(event["rawPath"], "/blog/a%20b", "a function URL keeps the path encoded");
    assert_eq!(event["rawQueryString"], "q=%2F");
    assert_eq!(event["routeKey"], "$default");
    assert_eq!(event["headers"]["x-forwarded-host"], format!("blog.localhost:{}", world.public.port()));
    assert_eq!(event["headers"]["user-agent"], "Amazon CloudFront", "the policy does not name it");
    assert!(event["headers"]["host"].as_str().unwrap().starts_with("sitefunction.lambda-url."));
    let head = world.site("HEAD", "blog", "/").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_edge_function_may_answer_itself_or_fail() {
    let world = World::start().await;
    let refused = world.site("GET", "secret", "/").await;
    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate")), (401, "Basic"));
    assert_eq!(world.site("GET", "throws", "/").await.status, 503);
    assert_eq!(world.site("POST", "blog", "/").await.status, 403);
    assert_eq!(world.site("GET", "blog", "/crash").await.status, 200, "the path is /blog/crash there");
    assert_eq!(world.site("GET", "stream", "/crash").await.status, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_streamed_as_it_comes() {
    let world = World::start().await;
    let host = format!("stream.localhost:{}", world.public.port());
    let mut response =
        client().request(request(world.public, "GET", "/stream", &[("host", &host)], Bytes::new())).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["set-cookie"], "a=1");
    let mut chunks = Vec::new();
    while let Some(frame) = response.body_mut().frame().await {
        chunks.push(frame.unwrap().into_data().unwrap());
    }
    assert_eq!(chunks, [Bytes::from("one "), Bytes::from("two")], "two chunks, not one buffer");

    let mut broken = client()
        .request(request(world.public, "GET", "/broken-stream", &[("host", &host)], Bytes::new()))
        .await
        .unwrap();
    let mut error = None;
    while let Some(frame) = broken.body_mut().frame().await {
        error = error.or(frame.err());
    }
    assert!(error.is_some(), "a stream that broke must not look complete");
}
