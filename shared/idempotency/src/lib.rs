//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a `POST` that is repeated because its answer was lost has
//! its effect once, and the same answer.
//!
//! A key belongs to the credential that sends it and to one request: method, path and body. What succeeded is kept for
//! 24 hours, sealed under a key that only the caller can make again, because an answer may hold a new token. What was
//! refused has changed nothing, so its key is free again.

mod answer;
mod seal;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{Error, Sha256};
use http::request::Parts;
use http::{HeaderValue, Method};
use store::{Begun, Idempotency};
use web::clock::Clock;
use web::{Principal, Problem, bearer};

use crate::answer::Answer;
use crate::seal::Seal;

/// The header's name.
const HEADER: &str = "idempotency-key";
/// Says that an answer is an earlier one's repetition.
const REPLAYED: &str = "idempotent-replayed";
/// Most bytes of a body: what Lambda lets through.
const MOST_BYTES: usize = 6 * 1024 * 1024;

/// Where answers are kept, and the clock.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// The table.
    pub answers: Idempotency,
    /// Now.
    pub clock: Clock,
}

/// The layer: `router.layer(axum::middleware::from_fn_with_state(keeper, idempotency::once))`. Requests without the header,
/// of another method, or to public routes pass untouched.
pub async fn once(State(keeper): State<Keeper>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    keeper.once(request, next).await.unwrap_or_else(IntoResponse::into_response)
}

impl Keeper {
    async fn once(&self, request: Request, next: Next) -> Result<Response, Problem> {
        let (mut parts, body) = request.into_parts();
        let Ok(principal) = Principal::from_request_parts(&mut parts, &()).await else {
            return Ok(next.run(Request::from_parts(parts, body)).await);
        };
        let body = to_bytes(body, MOST_BYTES).await.map_err(|_| Problem::malformed("the body could not be read"))?;
        let key = key_of(&parts)?;
        let token = bearer(&parts.headers).unwrap_or_default();
        let name = Sha256::of(format!("{}\n{key}", principal.credential).as_bytes());
        let seal = Seal::new(name, token, key);
        let begun = self.answers.begin(name, fingerprint(&parts, &body), (self.clock)()).await?;
        match begun {
            Begun::New => {
                let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
                self.keep(name, &seal, answer).await
            }
            Begun::Running => Err(Error::KeyInUse.into()),
            Begun::Other => Err(Error::KeyReused.into()),
            Begun::Done(sealed) => {
                let answer = seal.open(sealed).and_then(|bytes| Answer::read(&bytes)).ok_or(Error::KeyReused)?;
                let mut response = answer.into_response();
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(response)
            }
        }
    }

    /// Keeps a success, frees the key of a failure. Neither may spoil the answer, which is true whatever becomes of the key.
    async fn keep(&self, name: Sha256, seal: &Seal, response: Response) -> Result<Response, Problem> {
        let (answer, response) = Answer::of(response).await?;
        let kept = match answer {
            Some(answer) => self.answers.finish(name, &seal.close(&answer.bytes()), (self.clock)()).await,
            None => self.answers.forget(name).await,
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "the answer to an idempotent request was not kept");
        }
        Ok(response)
    }
}

fn key_of(parts: &Parts) -> Result<&str, Problem> {
    let mut lines = parts.headers.get_all(HEADER).iter();
    let key = lines.next().and_then(|value| value.to_str().ok()).map(str::trim);
    match (key, lines.next()) {
        (Some(key), None) if (1..=255).contains(&key.len()) => Ok(key),
        _ => Err(Problem::malformed("Idempotency-Key is one value of 1 to 255 visible characters, such as a UUID")),
    }
}

/// What the key stands for. A key that comes back with anything else was used for two things.
fn fingerprint(parts: &Parts, body: &[u8]) -> Sha256 {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    Sha256::of(&[parts.method.as_str().as_bytes(), b"\n", target.as_bytes(), b"\n", body].concat())
}
