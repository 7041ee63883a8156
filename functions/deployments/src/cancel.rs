//! `POST /projects/{project}/deployments/{deployment}/cancel`

use axum::extract::State as FromState;
use domain::{Deployment, Error, Signal, secret};
use store::Applied;
use web::answer::DeploymentAnswer;
use web::{Json, Path, Principal, Problem, random};

use crate::{Place, State};

/// Cancels a deployment that is not over, ends its task, and starts the one that waited for it.
pub(crate) async fn cancel(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
) -> Result<Json<DeploymentAnswer>, Problem> {
    let (project, _) = state.project_to_deploy(place.project, principal).await?;
    let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
    let now = (state.clock)();
    let applied = state.deployments.apply(place.project, place.deployment, Signal::Canceled, &ticket, now).await?;
    let deployment = match applied {
        Applied::Moved { deployment, next, .. } => {
            stop_task(&state, &deployment).await;
            if let Some(next) = next {
                state.start(&next).await;
            }
            state.tell(&[bus::Event::status_of(&deployment)]).await;
            deployment
        }
        Applied::Stale(deployment) => {
            let over = format!("the deployment is {} already", deployment.status.name());
            return Err(Error::NotNow(over).into());
        }
        Applied::Early => return Err(Error::Contended.into()),
    };
    Ok(Json(DeploymentAnswer::new(deployment, &project, &state.sites)))
}

/// A task that is not known yet, or cannot be stopped now, is found by the sweeper: its deployment is over.
async fn stop_task(state: &State, deployment: &Deployment) {
    let Some(task) = &deployment.task else { return };
    if let Err(error) = state.builds.stop(&task.arn, "the deployment was canceled").await {
        tracing::warn!(deployment = %deployment.id, %error, "the task was not stopped; the sweeper will");
    }
}
