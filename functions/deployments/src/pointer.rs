//! What is live: promote, roll back, unpin. Each is one conditional write.

use axum::extract::State as FromState;
use domain::project::Role;
use domain::{DeploymentId, Error, Project, ProjectId};
use serde::Deserialize;
use web::answer::ProjectAnswer;
use web::{Json, Path, Principal, Problem};

use crate::{Place, State};

/// `POST /projects/{project}/deployments/{deployment}/promote`: makes any ready deployment live, older or newer.
pub(crate) async fn promote(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let (project, role) = state.project_to_deploy(place.project, principal).await?;
    let deployment = state.deployments.get(place.project, place.deployment).await?;
    let next = project.promote(&deployment).map_err(Error::from)?;
    Ok(answer(&state, project, next, role).await?)
}

/// Where to go back to.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RollBack {
    /// What was live before, when absent.
    deployment: Option<DeploymentId>,
}

/// `POST /projects/{project}/rollback`: goes back and pins, so that the next push does not undo it.
pub(crate) async fn roll_back(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
    Json(target): Json<RollBack>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let (project, role) = state.project_to_deploy(id, principal).await?;
    let next = match target.deployment {
        Some(deployment) => project.promote(&state.deployments.get(id, deployment).await?),
        None => project.roll_back(),
    };
    let next = next.map_err(Error::from)?;
    Ok(answer(&state, project, next, role).await?)
}

/// `DELETE /projects/{project}/pin`: automatic deploys move the pointer again.
pub(crate) async fn unpin(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let (project, role) = state.project_to_deploy(id, principal).await?;
    let next = project.unpin();
    Ok(answer(&state, project, next, role).await?)
}

/// Writes the change, if there is one, and tells the edge.
async fn answer(state: &State, read: Project, next: Option<Project>, role: Role) -> Result<Json<ProjectAnswer>, Error> {
    let Some(next) = next else { return Ok(Json(ProjectAnswer::new(read, role, &state.sites))) };
    state.projects.replace(&next).await?;
    if next.edge_revision != read.edge_revision {
        state.tell(&[bus::Event::ProjectEdge { project: next.id }]).await;
    }
    Ok(Json(ProjectAnswer::new(next, role, &state.sites)))
}
