//! The Lambda Runtime API, one loopback listener per process, as its `AWS_LAMBDA_RUNTIME_API`.
//!
//! Source: "Using the Lambda runtime API" and "Building a custom runtime: response streaming".

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::sync::mpsc;

use super::LARGEST_PAYLOAD;
use super::answer::{Answer, Broken};
use super::process::Process;
use crate::{clock, wire};

/// Lambda streams at most 200 MB ("Response streaming for Lambda functions").
const LARGEST_STREAM: usize = 200 * 1024 * 1024;

/// The routes of the Runtime API for one process.
pub fn router(process: Arc<Process>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(process)
}

async fn next(State(process): State<Arc<Process>>) -> Response {
    let work = process.next().await;
    let deadline = clock::now() + work.timeout;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", work.request_id),
        ("lambda-runtime-deadline-ms", (deadline.unix_timestamp_nanos() / 1_000_000).to_string()),
        ("lambda-runtime-invoked-function-arn", process.arn.clone()),
        (
            "lambda-runtime-trace-id",
            format!("Root=1-{:08x}-{}", deadline.unix_timestamp(), &clock::request_id().replace('-', "")[..24]),
        ),
    ];
    (headers, work.payload).into_response()
}

/// The request id, the fourth segment of the path.
fn request_id(request: &Request) -> String {
    request.uri().path().split('/').nth(4).unwrap_or_default().to_owned()
}

async fn response(State(process): State<Arc<Process>>, request: Request) -> Response {
    let id = request_id(&request);
    let Some(reply) = process.take_reply(&id) else { return unknown(&id) };
    let streaming = header(request.headers(), "lambda-runtime-function-response-mode") == "streaming";
    if streaming {
        let content_type = header(request.headers(), "content-type");
        let (sender, body) = mpsc::channel(16);
        _ = reply.send(Some(Answer::Stream { content_type, body }));
        forward(request.into_body(), sender).await;
        process.finish(&id);
        return accepted();
    }
    let Some(payload) = wire::body(request.into_body(), LARGEST_PAYLOAD).await else {
        process.finish(&id);
        let message = format!("Response payload size exceeded maximum allowed payload size ({LARGEST_PAYLOAD} bytes).");
        _ = reply.send(Some(Answer::failed("Function.ResponseSizeTooLarge", &message)));
        return wire::json(
            StatusCode::PAYLOAD_TOO_LARGE,
            &json!({ "errorMessage": message, "errorType": "RequestEntityTooLarge" }),
        );
    };
    process.finish(&id);
    _ = reply.send(Some(Answer::Buffered(payload)));
    accepted()
}

/// Passes chunks on; when nobody listens any more, the rest is read and dropped, as Lambda does.
async fn forward(mut body: Body, sender: mpsc::Sender<Result<Bytes, Broken>>) {
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let chunk = match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => {
                size += data.len();
                if size > LARGEST_STREAM { Err(Broken("more than 200 MB".to_owned())) } else { Ok(data) }
            }
            Ok(Err(frame)) => match frame.trailers_ref().and_then(stream_error) {
                Some(error) => Err(error),
                None => continue,
            },
            Err(error) => Err(Broken(error.to_string())),
        };
        let broken = chunk.is_err();
        _ = sender.send(chunk).await;
        if broken {
            return;
        }
    }
}

fn stream_error(trailers: &HeaderMap) -> Option<Broken> {
    let kind = trailers.get("lambda-runtime-function-error-type")?.to_str().unwrap_or("Unhandled").to_owned();
    let body = STANDARD.decode(header(trailers, "lambda-runtime-function-error-body")).unwrap_or_default();
    Some(Broken(format!("{kind} {}", String::from_utf8_lossy(&body))))
}

async fn error(State(process): State<Arc<Process>>, request: Request) -> Response {
    let id = request_id(&request);
    let Some(reply) = process.take_reply(&id) else { return unknown(&id) };
    let payload = wire::body(request.into_body(), LARGEST_PAYLOAD).await.unwrap_or_default();
    process.finish(&id);
    _ = reply.send(Some(Answer::Failed(payload)));
    accepted()
}

async fn init_error(State(process): State<Arc<Process>>, request: Request) -> Response {
    process.init_failed(wire::body(request.into_body(), LARGEST_PAYLOAD).await.unwrap_or_default());
    accepted()
}

fn accepted() -> Response {
    wire::json(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

fn unknown(id: &str) -> Response {
    let message = format!("the request {id} is not being processed");
    wire::json(StatusCode::BAD_REQUEST, &json!({ "errorMessage": message, "errorType": "InvalidRequestID" }))
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
