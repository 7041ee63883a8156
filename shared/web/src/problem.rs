//! Errors as `application/problem+json` (RFC 9457). This table is the only place that knows status codes.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Error;
use http::{HeaderValue, StatusCode, header};
use lambda_http::request::RequestContext;
use serde_json::json;

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A request whose body, path or query could not be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not valid", detail.into())
    }

    /// A body larger than the route reads.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large", detail.into())
    }

    /// A route that exists for other methods only.
    pub fn method_not_allowed() -> Self {
        let detail = "this route does not have this method; see the Allow header".into();
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", detail)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: String) -> Self {
        Self { status, kind, title, detail, retry_after_seconds: None }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, kind, title) = match &error {
            Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not valid"),
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Error::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "unauthenticated", "Not signed in"),
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "Not allowed"),
            Error::SlugTaken => (StatusCode::CONFLICT, "slug-taken", "The slug is taken"),
            Error::EmailUnavailable => (StatusCode::CONFLICT, "email-unavailable", "The e-mail address cannot be used"),
            Error::AlreadyClaimed => (StatusCode::CONFLICT, "already-claimed", "Claimed already"),
            Error::RepositoryUnreadable(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "repository-unreadable", "The repository cannot be read")
            }
            Error::BranchMissing(_) => (StatusCode::UNPROCESSABLE_ENTITY, "branch-missing", "No such branch"),
            Error::NotNow(_) => (StatusCode::CONFLICT, "not-now", "Not possible in this state"),
            Error::UploadIncomplete(_) => (StatusCode::CONFLICT, "upload-incomplete", "The upload is not complete"),
            Error::LimitExceeded(_) => (StatusCode::UNPROCESSABLE_ENTITY, "limit-exceeded", "A limit is exceeded"),
            Error::TooManyAttempts { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", "Too many attempts"),
            Error::KeyReused => {
                (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The idempotency key was used before")
            }
            Error::KeyInUse => (StatusCode::CONFLICT, "idempotency-key-in-use", "The first request is still running"),
            Error::Contended => (StatusCode::SERVICE_UNAVAILABLE, "contended", "Changed by others"),
            Error::Unavailable(inner) => {
                tracing::error!(inner, "a dependency failed");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable")
            }
        };
        let detail = match &error {
            Error::Unavailable(_) => "something this request needs did not answer; try again".into(),
            shown => shown.to_string(),
        };
        let retry_after_seconds = match error {
            Error::TooManyAttempts { retry_after_seconds } => Some(retry_after_seconds),
            Error::KeyInUse | Error::Contended | Error::Unavailable(_) => Some(1),
            _ => None,
        };
        Self { retry_after_seconds, ..Self::new(status, kind, title, detail) }
    }
}

impl From<domain::text::Invalid> for Problem {
    fn from(invalid: domain::text::Invalid) -> Self {
        Error::from(invalid).into()
    }
}

/// A problem's body, kept with its response so that [`with_request_id`] can add to it.
#[derive(Clone)]
struct Body(serde_json::Value);

/// Adds the request's id to problems, so that a caller and the log can be brought together.
pub(crate) async fn with_request_id(request: Request, next: Next) -> Response {
    let id = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    let mut response = next.run(request).await;
    if let (Some(id), Some(Body(mut body))) = (id, response.extensions_mut().remove::<Body>()) {
        body["request_id"] = id.into();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = body.to_string().into();
    }
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:slipway:problem:{}", self.kind),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, body.to_string()).into_response();
        response.extensions_mut().insert(Body(body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
