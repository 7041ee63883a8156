//! `POST register`: the one-time ticket for a token the builder has made itself; the answer is the job.

use axum::extract::State as FromState;
use domain::upload::{Job, Register};
use domain::{Deployment, Error, Outcome};
use web::{Json, Path, Problem};

use crate::body::Compressed;
use crate::builder::Builder;
use crate::{Place, State, variables};

/// Registers a token and says what to do. The same token again succeeds, because the answer to the first call may have
/// been lost; another one is refused, because the ticket is used.
pub(crate) async fn register(
    FromState(state): FromState<State>,
    Path(place): Path<Place>,
    Compressed(register): Compressed<Register>,
) -> Result<Json<Job>, Problem> {
    let refused = Error::Unauthenticated("the ticket is not this deployment's, or was used with another token");
    let now = (state.clock)();
    let change = |read: &Deployment| match read.register(&register.ticket, register.token_sha256, now) {
        Outcome::Moved(next) => Some(*next),
        Outcome::Stale | Outcome::Early => None,
    };
    match state.deployments.update(place.project, place.deployment, change).await {
        Ok(deployment) if deployment.token_sha256 == Some(register.token_sha256) => {
            let deployment = Builder(deployment).open()?;
            Ok(Json(job(&state, deployment).await?))
        }
        Ok(_) | Err(Error::NotFound(_)) => Err(refused.into()),
        Err(other) => Err(other.into()),
    }
}

async fn job(state: &State, deployment: Deployment) -> Result<Job, Error> {
    let (variables, secrets) = variables::of_build(state, &deployment).await?;
    Ok(Job {
        repository: deployment.repository,
        allow_loopback: state.allow_loopback,
        commit: deployment.commit,
        branch: deployment.branch,
        environment: deployment.environment,
        settings: deployment.settings,
        variables,
        secrets,
        timeout_seconds: Deployment::BUILD_SECONDS,
    })
}
