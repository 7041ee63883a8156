//! Answers in the JSON protocols of AWS.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};

use super::clock;

/// The largest request the JSON services take, in bytes: DynamoDB's own limit, the highest of them.
const LARGEST_REQUEST: usize = 16 << 20;

/// An answer with a JSON body and a request id.
pub fn json(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let id = HeaderValue::from_str(&clock::random_hex::<16>()).expect("hexadecimal is a header value");
    headers.insert("x-amzn-requestid", id);
    response
}

/// An error of the JSON 1.0 and 1.1 protocols: the code is in `__type`.
pub fn error(status: StatusCode, content_type: &'static str, code: &str, message: &str) -> Response {
    json(status, content_type, json!({ "__type": code, "message": message }).to_string())
}

/// The operation of a request that names it in `X-Amz-Target`, without the service's prefix.
pub fn operation(request: &Request, prefix: &str) -> Option<String> {
    let target = request.headers().get("x-amz-target")?.to_str().ok()?;
    Some(target.strip_prefix(prefix)?.to_owned())
}

/// The whole body, unless it is longer than any JSON service takes or the caller went away.
pub async fn body(request: Request) -> Option<Bytes> {
    let body = Limited::new(request.into_body(), LARGEST_REQUEST).collect().await.ok()?;
    Some(body.to_bytes())
}

/// A JSON object from a body; an empty body is an empty object, as the AWS services read it.
pub fn object(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return Some(json!({}));
    }
    serde_json::from_slice(body).ok().filter(Value::is_object)
}
