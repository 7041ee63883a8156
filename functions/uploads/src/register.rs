//! `POST register`: the one-time ticket for a token the builder has made itself.

use axum::extract::State as FromState;
use domain::upload::Register;
use domain::{Error, Outcome};
use http::StatusCode;
use web::{Path, Problem};

use crate::body::Compressed;
use crate::{Place, State};

/// Registers a token. The same token again succeeds, because the answer to the first call may have been lost; another
/// one is refused, because the ticket is used.
pub(crate) async fn register(
    FromState(state): FromState<State>,
    Path(place): Path<Place>,
    Compressed(register): Compressed<Register>,
) -> Result<StatusCode, Problem> {
    let refused = Error::Unauthenticated("the ticket is not this deployment's, or was used with another token");
    let now = (state.clock)();
    let change = |read: &domain::Deployment| match read.register(&register.ticket, register.token_sha256, now) {
        Outcome::Moved(next) => Some(*next),
        Outcome::Stale | Outcome::Early => None,
    };
    match state.deployments.update(place.project, place.deployment, change).await {
        Ok(deployment) if deployment.token_sha256 == Some(register.token_sha256) => Ok(StatusCode::NO_CONTENT),
        Ok(_) | Err(Error::NotFound(_)) => Err(refused.into()),
        Err(other) => Err(other.into()),
    }
}
