//! An answer that can be given again.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use web::Problem;

/// Headers that are part of the answer; the others belong to the moment.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::CACHE_CONTROL, header::LOCATION];
/// Most bytes of an answer that is kept: an item of DynamoDB holds 400 KB.
const MOST_BYTES: usize = 300 * 1024;

/// Status, headers and body of a success.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// What of a response is to be kept, if it is a success, and the response itself.
    pub async fn of(response: Response) -> Result<(Option<Self>, Response), Problem> {
        if !response.status().is_success() {
            return Ok((None, response));
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MOST_BYTES).await.map_err(domain::Error::unavailable)?;
        let kept = |name: &HeaderName| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?.to_owned()));
        let answer = Self {
            status: parts.status.as_u16(),
            headers: KEPT.iter().filter_map(kept).collect(),
            body: String::from_utf8(body.to_vec()).map_err(domain::Error::unavailable)?,
        };
        Ok((Some(answer), Response::from_parts(parts, Body::from(body))))
    }

    pub fn bytes(&self) -> Vec<u8> {
        // Texts and a number: there is nothing in it that JSON cannot hold.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
