//! The Invoke API, as `aws lambda invoke` and `cargo lambda invoke --endpoint-url` use it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::BytesMut;
use serde_json::json;

use super::background::Background;
use super::{Answer, InvokeError, LARGEST_EVENT, LARGEST_PAYLOAD, Lambda};
use crate::{clock, wire};

/// The function's name in `/2015-03-31/functions/{name}/invocations`, percent-decoded.
pub fn function_name(path: &str) -> Option<String> {
    let name = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    Some(percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned())
}

/// Answers one request.
pub async fn handle(lambda: &Lambda, background: &Background, request: Request) -> Response {
    let Some(name) = function_name(request.uri().path()).filter(|_| request.method() == Method::POST) else {
        return refuse(
            StatusCode::NOT_FOUND,
            "UnknownOperationException",
            "the laptop platform knows only Invoke of Lambda",
        );
    };
    let Some(pool) = lambda.find(&name).cloned() else {
        return refuse(StatusCode::NOT_FOUND, "ResourceNotFoundException", &format!("Function not found: {name}"));
    };
    let kind = request
        .headers()
        .get("x-amz-invocation-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("RequestResponse")
        .to_owned();
    let limit = if kind == "Event" { LARGEST_EVENT } else { LARGEST_PAYLOAD };
    let Some(mut payload) = wire::body(request.into_body(), limit).await else {
        let message = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &message);
    };
    if payload.is_empty() {
        payload = "{}".into();
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(&payload).is_err() {
        let message = "Could not parse request body into json";
        return refuse(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message);
    }
    match kind.as_str() {
        "DryRun" => status(StatusCode::NO_CONTENT),
        "Event" => match background.accept(&pool.function.id, String::from_utf8_lossy(&payload).into_owned()).await {
            Ok(_) => status(StatusCode::ACCEPTED),
            Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", &error.to_string()),
        },
        "RequestResponse" => match pool.invoke(&clock::request_id(), payload).await {
            Ok(answer) => answered(answer).await,
            Err(error @ InvokeError::Throttled) => {
                refuse(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", &error.to_string())
            }
            Err(error @ InvokeError::TooLarge { .. }) => {
                refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &error.to_string())
            }
            Err(error) => refuse(StatusCode::BAD_GATEWAY, "InvalidRuntimeException", &error.to_string()),
        },
        other => refuse(
            StatusCode::BAD_REQUEST,
            "InvalidParameterValueException",
            &format!("unknown invocation type {other}"),
        ),
    }
}

async fn answered(answer: Answer) -> Response {
    let (payload, failed) = match answer {
        Answer::Buffered(payload) => (payload, false),
        Answer::Failed(payload) => (payload, true),
        Answer::Stream { mut body, .. } => {
            let mut whole = BytesMut::new();
            while let Some(Ok(chunk)) = body.recv().await {
                whole.extend_from_slice(&chunk);
            }
            (whole.freeze(), false)
        }
    };
    let mut response = status(StatusCode::OK);
    *response.body_mut() = Body::from(payload);
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    if failed {
        response.headers_mut().insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    response
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if let Ok(id) = HeaderValue::from_str(&clock::request_id()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

fn refuse(status: StatusCode, code: &'static str, message: &str) -> Response {
    let mut response = wire::json(status, &json!({ "Type": "User", "Message": message, "message": message }));
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(code));
    response
}
