//! The stand-in for CloudFront: edge function, then the function URL that is the origin.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{edge_event, forwarding};
use crate::clock;
use crate::edge::EdgeFunction;
use crate::lambda::{Pool, function_url};
use crate::payload::event::Incoming;
use crate::template::Distribution;

/// The origin of a distribution.
pub type Origin = Arc<Pool>;

/// One distribution.
#[derive(Clone)]
pub struct Site {
    /// What the template says.
    pub distribution: Arc<Distribution>,
    /// The function for viewer requests.
    pub edge: Option<EdgeFunction>,
    /// The function whose URL is the origin.
    pub origin: Origin,
}

impl Site {
    /// Answers one request.
    pub async fn handle(&self, host: &str, request: Request) -> Response {
        let head_only = request.method() == Method::HEAD;
        let mut response = self.answer(host, request).await;
        if head_only {
            *response.body_mut() = Body::empty();
        }
        response
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        let method = request.method().to_string();
        if !self.distribution.methods.contains(&method) {
            return error(
                StatusCode::FORBIDDEN,
                "This distribution is not configured to allow the HTTP request method.",
            );
        }
        let mut incoming = Incoming::new(request.into_parts().0, Bytes::new());
        let id = clock::request_id();
        if let Some(edge) = &self.edge {
            let distribution = &self.distribution.id;
            let event = edge_event::viewer_request(&incoming, distribution, host, &id);
            let returned = match edge.viewer_request(event).await {
                Ok(returned) => returned,
                Err(failure) => {
                    tracing::warn!(%failure, "the edge function failed");
                    return error(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "The CloudFront function associated with the distribution failed.",
                    );
                }
            };
            if returned.get("statusCode").is_some() {
                let response = edge_event::response(&returned);
                return response.unwrap_or_else(|| {
                    error(StatusCode::BAD_GATEWAY, "The CloudFront function returned an invalid status.")
                });
            }
            (incoming.path, incoming.query, incoming.headers) = edge_event::request(&returned);
        }
        self.to_origin(&mut incoming, host, &id);
        function_url::call(&self.origin, incoming).await
    }

    /// What CloudFront changes before it asks the origin.
    fn to_origin(&self, incoming: &mut Incoming, host: &str, id: &str) {
        forwarding::apply(&self.distribution.policies, incoming);
        let headers = &mut incoming.headers;
        let domain = self.origin.function.url.as_ref().map(|url| url.domain.as_str()).unwrap_or_default();
        let own = [
            ("host", domain),
            ("via", "2.0 laptop (CloudFront)"),
            ("x-amz-cf-id", id),
            ("x-forwarded-for", &incoming.source.to_string()),
        ];
        for (name, value) in own {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        if let Ok(host) = HeaderValue::from_str(host) {
            headers.entry("x-forwarded-host").or_insert(host);
        }
    }
}

fn error(status: StatusCode, message: &str) -> Response {
    let page = format!("<!DOCTYPE html><title>{}</title><h1>{}</h1><p>{message}\n", status.as_u16(), status);
    (status, [("content-type", "text/html"), ("x-cache", "Error from cloudfront")], page).into_response()
}
