//! API Gateway's HTTP API: routes, Lambda authorizers, payload format 2.0, limits.

mod authorizer;
pub mod routes;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::lambda::{Answer, InvokeError, Lambda};
use crate::payload::answer;
use crate::payload::event::{Context, Incoming, event};
use crate::template::{ACCOUNT, HttpApi, Template};
use crate::{clock, wire};
use authorizer::Decision;
use routes::{Found, Routes};

/// Payload limit of HTTP APIs ("Quotas for configuring and running an HTTP API").
const LARGEST_BODY: usize = 10 * 1024 * 1024;
/// Integration timeout of HTTP APIs.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The template's HTTP API.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    api: HttpApi,
    routes: Routes,
    lambda: Lambda,
}

impl Gateway {
    /// Serves the API of a template, if there is one; every other request is then 404.
    pub fn new(template: &Template, lambda: Lambda) -> Self {
        let routes = template.functions.iter().flat_map(|function| {
            function
                .routes
                .iter()
                .map(|route| routes::Entry::new(&route.method, &route.path, &function.id, route.authorizer.clone()))
        });
        let routes = Routes::new(routes.collect());
        let api = template.apis.first().cloned().unwrap_or_default();
        Self { shared: Arc::new(Shared { api, routes, lambda }) }
    }

    /// Route keys, their functions and authorizers.
    pub fn describe(&self) -> Vec<serde_json::Value> {
        let entries = self.shared.routes.entries();
        entries
            .map(|entry| {
                let authorizer = self.authorizer_name(entry.authorizer.as_deref());
                json!({ "route": entry.key, "function": entry.function, "authorizer": authorizer })
            })
            .collect()
    }

    fn authorizer_name<'a>(&'a self, route: Option<&'a str>) -> Option<&'a str> {
        match route {
            Some("NONE") => None,
            Some(name) => Some(name),
            None => self.shared.api.default_authorizer.as_deref(),
        }
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let decoded = decoded_path(parts.uri.path());
        let Some(found) = self.shared.routes.find(parts.method.as_str(), &decoded) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let Some(body) = wire::body(body, LARGEST_BODY).await else {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let incoming = Incoming::new(parts, body);
        let answered = tokio::time::timeout(TIMEOUT, self.call(incoming, decoded, found)).await;
        answered.unwrap_or_else(|_| message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"))
    }

    async fn call(&self, incoming: Incoming, raw_path: String, found: Found<'_>) -> Response {
        let now = clock::now();
        let mut context = Context {
            route_key: &found.entry.key,
            api_id: &self.shared.api.api_id,
            account: ACCOUNT,
            raw_path,
            path_parameters: found.parameters,
            authorizer: None,
            now,
        };
        let name = self.authorizer_name(found.entry.authorizer.as_deref());
        if let Some(authorizer) = name.and_then(|name| self.shared.api.authorizers.get(name)) {
            match authorizer::decide(authorizer, &self.shared.lambda, &incoming, &context).await {
                Decision::Allow(claims) => context.authorizer = claims.map(|claims| json!({ "lambda": claims })),
                Decision::NoIdentity => return message(StatusCode::UNAUTHORIZED, "Unauthorized"),
                Decision::Deny => return message(StatusCode::FORBIDDEN, "Forbidden"),
                Decision::Failed => return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            }
        }
        let Some(pool) = self.shared.lambda.find(&found.entry.function) else {
            return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        };
        let event = event(&incoming, context).to_string();
        let response = match pool.invoke(&clock::request_id(), event.into()).await {
            Ok(Answer::Buffered(payload)) => answer::buffered(&payload).map_err(|error| error.to_string()),
            // HTTP APIs invoke without streaming; a function that streams anyway is read to its end by the client.
            Ok(Answer::Stream { content_type, body }) => {
                answer::streamed(&content_type, body).await.map_err(|error| error.to_string())
            }
            Ok(Answer::Failed(error)) => Err(String::from_utf8_lossy(&error).into_owned()),
            Err(InvokeError::TooLarge { .. }) => {
                return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
            }
            Err(error) => Err(error.to_string()),
        };
        response.unwrap_or_else(|error| {
            tracing::warn!(function = pool.function.id, error, "a function failed");
            message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        })
    }
}

/// HTTP APIs decode the path before they route, and cut it at a decoded `?`.
fn decoded_path(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    decoded.split('?').next().unwrap_or_default().to_owned()
}

fn message(status: StatusCode, message: &str) -> Response {
    wire::json(status, &json!({ "message": message }))
}
