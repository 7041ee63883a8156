//! Small pieces of the AWS wire protocols that every endpoint here needs.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};

use crate::clock;

/// A JSON answer of the given type, with a request id.
pub fn json_as(status: StatusCode, content_type: &'static str, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(&clock::request_id()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

/// A plain JSON answer.
pub fn json(status: StatusCode, body: &Value) -> Response {
    json_as(status, "application/json", body)
}

/// An error in the JSON protocols: `__type` and the header that newer clients read.
pub fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let mut response = json_as(status, "application/x-amz-json-1.0", &json!({ "__type": code, "message": message }));
    if let Ok(code) = HeaderValue::from_str(code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// The whole body, or `None` if it is longer than `limit` bytes or the sender went away.
pub async fn body(body: Body, limit: usize) -> Option<Bytes> {
    Some(Limited::new(body, limit).collect().await.ok()?.to_bytes())
}

/// The operation after the dot of `X-Amz-Target`.
pub fn operation(headers: &axum::http::HeaderMap) -> Option<&str> {
    headers.get("x-amz-target")?.to_str().ok()?.rsplit('.').next()
}
