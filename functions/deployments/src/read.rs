//! `GET /projects/{project}/deployments/{deployment}`

use axum::extract::State as FromState;
use web::answer::DeploymentAnswer;
use web::{Json, Path, Principal, Problem};

use crate::{Place, State};

/// One deployment of a project of the caller's.
pub(crate) async fn read(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
) -> Result<Json<DeploymentAnswer>, Problem> {
    let (project, _) = state.projects.for_member(place.project, principal.user).await?;
    let deployment = state.deployments.get(place.project, place.deployment).await?;
    Ok(Json(DeploymentAnswer::new(deployment, &project, &state.sites)))
}
