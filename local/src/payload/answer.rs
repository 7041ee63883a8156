//! From a function's answer to a response.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::lambda::answer::Broken;

/// The content type that announces a prelude with status and headers.
const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";
/// What ends the prelude.
const DELIMITER: [u8; 8] = [0; 8];
/// No prelude is longer: Lambda reads at most 16 KB of headers.
const LONGEST_PRELUDE: usize = 64 * 1024;

/// Why an answer is no response.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// The answer is not of payload format 2.0.
    #[error("the function's answer is not a response: {0}")]
    Answer(String),
    /// The stream ended before the response began.
    #[error(transparent)]
    Broken(#[from] Broken),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    status_code: Status,
    #[serde(default)]
    headers: HashMap<String, Value>,
    #[serde(default)]
    cookies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Number(u16),
    Text(String),
}

/// Reads a buffered answer: an object with `statusCode`, or anything else as the body of a 200.
///
/// # Errors
/// The answer is not JSON or breaks the format.
pub fn buffered(payload: &[u8]) -> Result<Response, Malformed> {
    let value: Value = serde_json::from_slice(payload).map_err(|error| Malformed::Answer(error.to_string()))?;
    if value.get("statusCode").is_none() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut response = Response::new(Body::from(text));
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        return Ok(response);
    }
    let body = value["body"].as_str().unwrap_or_default();
    let body = if value["isBase64Encoded"].as_bool() == Some(true) {
        STANDARD.decode(body).map_err(|error| Malformed::Answer(format!("the body is not base64: {error}")))?
    } else {
        body.as_bytes().to_vec()
    };
    let mut response = head(&value, Body::from(body))?;
    response.headers_mut().entry("content-type").or_insert(HeaderValue::from_static("text/plain;charset=utf-8"));
    Ok(response)
}

/// Reads a streamed answer up to the first byte of its body and passes the rest on as it comes.
///
/// # Errors
/// The stream breaks off before the body, or its prelude breaks the format.
pub async fn streamed(
    content_type: &str,
    mut body: mpsc::Receiver<Result<Bytes, Broken>>,
) -> Result<Response, Malformed> {
    if !content_type.starts_with(INTEGRATION) {
        let mut response = Response::new(rest(Bytes::new(), body));
        let kind = HeaderValue::from_str(content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
        response.headers_mut().insert("content-type", kind);
        return Ok(response);
    }
    let mut received = BytesMut::new();
    let end = loop {
        if let Some(end) = received.windows(DELIMITER.len()).position(|window| window == DELIMITER) {
            break end;
        }
        if received.len() > LONGEST_PRELUDE {
            return Err(Malformed::Answer("the prelude does not end".to_owned()));
        }
        match body.recv().await {
            Some(chunk) => received.extend_from_slice(&chunk?),
            None => return Err(Malformed::Answer("the stream ended within the prelude".to_owned())),
        }
    };
    let prelude = received.split_to(end);
    let start = received.split_off(DELIMITER.len()).freeze();
    let prelude: Value = serde_json::from_slice(&prelude).map_err(|error| Malformed::Answer(error.to_string()))?;
    head(&prelude, rest(start, body))
}

fn rest(start: Bytes, body: mpsc::Receiver<Result<Bytes, Broken>>) -> Body {
    let rest = stream::unfold(body, |mut body| async { body.recv().await.map(|chunk| (chunk, body)) });
    Body::from_stream(stream::iter((!start.is_empty()).then_some(Ok(start))).chain(rest))
}

fn head(value: &Value, body: Body) -> Result<Response, Malformed> {
    let malformed = |error: String| Malformed::Answer(error);
    let head = Head::deserialize(value).map_err(|error| malformed(error.to_string()))?;
    let status = match head.status_code {
        Status::Number(number) => StatusCode::from_u16(number).ok(),
        Status::Text(text) => text.parse().ok(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status.ok_or_else(|| malformed("statusCode is no status".to_owned()))?;
    for (name, value) in &head.headers {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        add(response.headers_mut(), name, &value)?;
    }
    for cookie in &head.cookies {
        add(response.headers_mut(), "set-cookie", cookie)?;
    }
    // The server frames the body itself.
    for name in ["transfer-encoding", "connection"] {
        response.headers_mut().remove(name);
    }
    Ok(response)
}

fn add(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Malformed> {
    let name =
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| Malformed::Answer(format!("`{name}` is no header")))?;
    let value = HeaderValue::from_str(value)
        .map_err(|_| Malformed::Answer(format!("the header {name} has a forbidden byte")))?;
    headers.append(name, value);
    Ok(())
}
