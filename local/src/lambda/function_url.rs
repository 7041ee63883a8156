//! Function URLs: a request becomes an event, the answer is streamed or sent whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::{Answer, InvokeError, LARGEST_PAYLOAD, Lambda, Pool};
use crate::payload::answer;
use crate::payload::event::{Context, Incoming, event};
use crate::{clock, wire};

impl Lambda {
    /// The pool whose function URL is served on this host and port.
    pub fn by_url(&self, domain: &str) -> Option<&Arc<Pool>> {
        self.pools().find(|pool| pool.function.url.as_ref().is_some_and(|url| url.domain == domain))
    }
}

/// Answers one request. Signatures are not checked on the laptop.
pub async fn handle(pool: &Arc<Pool>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match wire::body(body, LARGEST_PAYLOAD).await {
        Some(body) => call(pool, Incoming::new(parts, body)).await,
        None => refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
    }
}

/// Calls the function with a request that was read.
pub async fn call(pool: &Arc<Pool>, incoming: Incoming) -> Response {
    let domain = pool.function.url.as_ref().map(|url| url.domain.as_str()).unwrap_or_default();
    let event = event(
        &incoming,
        Context {
            route_key: "$default",
            api_id: domain.split('.').next().unwrap_or_default(),
            account: "anonymous",
            raw_path: incoming.path.clone(),
            path_parameters: BTreeMap::new(),
            authorizer: None,
            now: clock::now(),
        },
    );
    let response = match pool.invoke(&clock::request_id(), event.to_string().into()).await {
        Ok(Answer::Buffered(payload)) => answer::buffered(&payload),
        Ok(Answer::Stream { content_type, body }) => answer::streamed(&content_type, body).await,
        Ok(Answer::Failed(error)) => {
            let error = String::from_utf8_lossy(&error);
            tracing::warn!(function = pool.function.id, %error, "a function failed");
            return refuse(StatusCode::BAD_GATEWAY, "Internal Server Error");
        }
        Err(InvokeError::Throttled) => return refuse(StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded."),
        Err(InvokeError::TooLarge { .. }) => return refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
        Err(error) => {
            tracing::error!(function = pool.function.id, %error, "a function could not be run");
            return refuse(StatusCode::BAD_GATEWAY, "Internal Server Error");
        }
    };
    response.unwrap_or_else(|error| {
        tracing::warn!(function = pool.function.id, %error, "a function's answer is no response");
        refuse(StatusCode::BAD_GATEWAY, "Internal Server Error")
    })
}

fn refuse(status: StatusCode, message: &str) -> Response {
    wire::json(status, &json!({ "Message": message }))
}
