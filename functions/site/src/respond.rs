//! From a decision to a response.

use artifacts::Artifacts;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::{Error, ProjectId};
use futures_util::stream;
use http::{StatusCode, header};
use http_body_util::BodyExt;
use routing::Decision;
use web::Problem;

/// Carries a decision out. The bytes are passed on as S3 sends them, and only as fast as the visitor takes them.
pub async fn with(artifacts: &Artifacts, project: ProjectId, decision: Decision) -> Result<Response, Problem> {
    let body = match decision.body {
        routing::Body::Text(text) => Body::from(text),
        // Without a known length: a framework that knew it to be 0 would say so, and 304 and HEAD must not.
        routing::Body::None => Body::from_stream(stream::empty::<Result<&[u8], std::convert::Infallible>>()),
        routing::Body::Blob { sha256, range } => {
            let bytes = artifacts.blob(project, &sha256, range).await.map_err(unavailable)?;
            // The status is long sent; all that is left is to break the connection, so that nobody takes the part that
            // arrived for the whole.
            Body::new(bytes.into_inner().map_err(move |error| {
                tracing::error!(error = &*error, %project, %sha256, "S3 broke off in the middle of a blob");
                error
            }))
        }
    };
    let mut response = Response::builder().status(decision.status);
    for (name, value) in decision.headers {
        response = response.header(name, value);
    }
    response
        .body(body)
        .map_err(|error| Error::unavailable(format_args!("a decision that is no response: {error}")).into())
}

/// Nothing is served here, and a commit may change that the next moment.
pub fn no_such_deployment() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (StatusCode::NOT_FOUND, headers, "404: there is no such deployment\n").into_response()
}

/// S3 failed. The cause goes to the log; the visitor is asked to come back.
pub fn unavailable(error: impl std::error::Error) -> Problem {
    let mut causes = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    Error::unavailable(causes).into()
}
