//! `/_local/`: health, recorded calls, faults, events, state.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::Services;
use super::faults::Fault;
use crate::wire;

/// The largest body these endpoints read.
const LARGEST: usize = 2 * 1024 * 1024;

/// Answers one request.
pub async fn handle(services: &Services, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = wire::body(body, LARGEST).await.unwrap_or_default();
    match (parts.method.as_str(), parts.uri.path()) {
        ("GET", "/_local/health") => ok(json!({ "status": "ready" })),
        ("GET", "/_local/calls") => {
            let query = parts.uri.query().unwrap_or_default();
            let since = query.split('&').find_map(|pair| pair.strip_prefix("since=")?.parse().ok()).unwrap_or(0);
            let (calls, next) = services.recorder.since(since);
            ok(json!({ "calls": calls, "next": next }))
        }
        ("DELETE", "/_local/calls") => {
            services.recorder.clear();
            ok(json!({}))
        }
        ("GET", "/_local/faults") => ok(json!({ "faults": services.faults.list() })),
        ("POST", "/_local/faults") => match serde_json::from_slice::<Fault>(&body) {
            Ok(fault) => {
                services.faults.add(fault);
                ok(json!({}))
            }
            Err(error) => refuse(&format!(
                "a fault is {{service, action?, function?, status, code, count?, probability?, body?, after?}}: {error}"
            )),
        },
        ("DELETE", "/_local/faults") => {
            services.faults.clear();
            ok(json!({}))
        }
        ("POST", "/_local/events") => match serde_json::from_slice::<Value>(&body) {
            Ok(event) if event["source"].is_string() && event["detail-type"].is_string() => {
                match services.bus.publish(&event).await {
                    Ok(matched) => ok(json!({ "matched": matched })),
                    Err(error) => {
                        wire::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": error.to_string() }))
                    }
                }
            }
            _ => refuse("an event is a JSON object with source and detail-type"),
        },
        ("GET", "/_local/state") => ok(state(services)),
        _ => wire::json(
            StatusCode::NOT_FOUND,
            &json!({ "message": "there is nothing here; see docs for the endpoints under /_local/" }),
        ),
    }
}

fn state(services: &Services) -> Value {
    let functions = services.lambda.pools().map(|pool| {
        let (processes, idle) = pool.counts();
        json!({
            "id": pool.function.id,
            "name": pool.function.name,
            "processes": processes,
            "idle": idle,
            "url": pool.function.url.as_ref().map(|url| format!("http://{}/", url.domain)),
        })
    });
    let queues = services.queues.depths().into_iter();
    let queues = queues.map(|(name, (visible, hidden))| json!({ "name": name, "visible": visible, "hidden": hidden }));
    json!({
        "routes": services.gateway.describe(),
        "functions": functions.collect::<Vec<_>>(),
        "queues": queues.collect::<Vec<_>>(),
        "asynchronous": services.background.depth(),
        "outputs": services.outputs,
    })
}

fn ok(body: Value) -> Response {
    wire::json(StatusCode::OK, &body)
}

fn refuse(message: &str) -> Response {
    wire::json(StatusCode::BAD_REQUEST, &json!({ "message": message }))
}
