//! JSON bodies that may be compressed: manifests are long lists of similar lines.

use std::io::Read;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use flate2::read::GzDecoder;
use http::header;
use serde::de::DeserializeOwned;
use web::Problem;

/// Most bytes of a body as sent: what Lambda takes in one synchronous request.
pub(crate) const MOST_BYTES: usize = 6 * 1024 * 1024;
/// Most bytes of a body once inflated, so that a small body cannot fill the function's memory.
const MOST_INFLATED: u64 = 16 * 1024 * 1024;

/// A JSON body, plain or with `Content-Encoding: gzip`.
pub(crate) struct Compressed<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Compressed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let gzip = request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding == "gzip");
        let body =
            Bytes::from_request(request, state).await.map_err(|_| Problem::too_large("a body has at most 6 MB"))?;
        let body = if gzip { inflate(&body)? } else { body.to_vec() };
        match serde_json::from_slice(&body) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(Problem::malformed(format!("the body is not what this route expects: {error}"))),
        }
    }
}

fn inflate(body: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut inflated = Vec::new();
    let read = GzDecoder::new(body).take(MOST_INFLATED + 1).read_to_end(&mut inflated);
    match read {
        Err(_) => Err(Problem::malformed("the body is not gzip, as its Content-Encoding says")),
        Ok(size) if size as u64 > MOST_INFLATED => Err(Problem::too_large("a body has at most 16 MB once inflated")),
        Ok(_) => Ok(inflated),
    }
}
