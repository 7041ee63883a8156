//! The edge of the API: everything between Lambda and a handler.
//!
//! Extractors whose refusals are problems ([`Json`], [`Path`], [`Query`], [`Principal`]), the one table from errors to
//! `application/problem+json` ([`Problem`]), the environment as a contract ([`Environment`]), AWS client configuration
//! ([`aws`]), telemetry, the clock and randomness that `main.rs` hands to a function.

pub mod answer;
pub mod aws;
pub mod clock;
mod environment;
mod extract;
mod principal;
mod problem;
pub mod random;
mod sites;
pub mod telemetry;

pub use environment::{Environment, Missing};
pub use extract::{Json, Path, Query};
pub use principal::{Principal, bearer, source_address};
pub use problem::Problem;
pub use sites::Sites;

use axum::Router;
use axum::response::IntoResponse;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Serves a router as an HTTP function until Lambda ends the process.
pub async fn run(router: Router) -> Result<(), lambda_http::Error> {
    let router = router.fallback(no_such_route).method_not_allowed_fallback(no_such_method);
    let router = router.layer(axum::middleware::from_fn(problem::with_request_id));
    lambda_http::run(router).await
}

/// Hears events with a handler until Lambda ends the process. An error makes Lambda deliver the event again, and after
/// the last try put it into the function's dead-letter queue; what can never succeed is to be logged and acknowledged.
pub async fn listen<E, A, F>(handler: impl Fn(E) -> F) -> Result<(), lambda_runtime::Error>
where
    E: DeserializeOwned,
    A: Serialize,
    F: Future<Output = Result<A, domain::Error>>,
{
    let service = |event: LambdaEvent<E>| {
        // On the heap: the futures of a handler nest deeply, and the compiler has a limit.
        let answer = Box::pin(handler(event.payload));
        async { answer.await.map_err(lambda_runtime::Error::from) }
    };
    lambda_runtime::run(service_fn(service)).await
}

async fn no_such_route() -> impl IntoResponse {
    Problem::from(domain::Error::NotFound("route"))
}

async fn no_such_method() -> impl IntoResponse {
    Problem::method_not_allowed()
}
