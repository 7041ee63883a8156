//! Requests as Lambda hands them over: events of a function URL.

use axum::response::Response;
use tower::ServiceExt;

use crate::s3::{S3, deployment, other_deployment};
use crate::visit::{address, address_of, header, router, text};

async fn invoke(s3: &S3, path: &str, query: &str) -> Response {
    let event = format!(
        r#"{{
            "version": "2.0", "routeKey": "$default", "rawPath": "{path}", "rawQueryString": "{query}",
            "headers": {{"host": "abc.lambda-url.eu-central-1.on.aws", "accept": "*/*", "x-forwarded-proto": "https"}},
            "requestContext": {{
                "accountId": "anonymous", "apiId": "abc", "domainName": "abc.lambda-url.eu-central-1.on.aws",
                "domainPrefix": "abc", "requestId": "r", "routeKey": "$default", "stage": "$default",
                "http": {{"method": "GET", "path": "{path}", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"}},
                "time": "20/Nov/2026:12:00:00 +0000", "timeEpoch": 1795176000000
            }},
            "isBase64Encoded": false
        }}"#
    );
    let request = lambda_http::request::from_str(&event).unwrap();
    router(s3).oneshot(request.map(|_| axum::body::Body::empty())).await.unwrap()
}

#[tokio::test]
async fn a_function_url_event_is_answered_as_the_request_it_stands_for() {
    let s3 = S3::start().await;
    s3.deploy(deployment(), &[("café 1.html", "text/html", b"found", b"")]).await;
    assert_eq!(text(invoke(&s3, &address("/caf%C3%A9%201"), "").await).await, "found");
    let response = invoke(&s3, &address("/caf%C3%A9%201.html"), "a=1&b=%20").await;
    assert_eq!(header(&response, "location"), Some("/caf%C3%A9%201?a=1&b=%20"));
}

#[tokio::test]
async fn a_path_does_not_climb_into_another_deployment() {
    let s3 = S3::start().await;
    s3.deploy(deployment(), &[("index.html", "text/html", b"mine", b"")]).await;
    s3.deploy(other_deployment(), &[("index.html", "text/html", b"theirs", b"")]).await;
    for climb in ["/../..", "/%2e%2e/%2e%2e", "/.%2E/..", "/a/../../.."] {
        let target = address(&format!("{climb}/{}/live/", other_deployment()));
        let response = invoke(&s3, &target, "").await;
        assert_eq!(response.status(), 404, "{target}");
        assert_eq!(header(&response, "x-slipway-deployment"), Some(deployment().to_string().as_str()), "{target}");
    }
    assert_eq!(text(invoke(&s3, &address_of(other_deployment(), "live", "/"), "").await).await, "theirs");
}
