//! `GET /projects/{project}/deployments`

use axum::extract::State as FromState;
use domain::{DeploymentId, ProjectId};
use serde::{Deserialize, Serialize};
use web::answer::DeploymentAnswer;
use web::{Json, Path, Principal, Problem, Query};

use crate::State;

/// Deployments on one page.
const PAGE: u8 = 20;

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    /// The last deployment of the page before.
    before: Option<DeploymentId>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Deployments {
    deployments: Vec<DeploymentAnswer>,
    /// What to give as `before` for the next page; none on the last.
    next: Option<DeploymentId>,
}

/// A project's deployments, newest first.
pub(crate) async fn list(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
    Query(page): Query<Page>,
) -> Result<Json<Deployments>, Problem> {
    let (project, _) = state.projects.for_member(id, principal.user).await?;
    let found = state.deployments.list(id, page.before, PAGE).await?;
    let next = found.last().map(|last| last.id).filter(|_| found.len() == usize::from(PAGE));
    let answers = found.into_iter().map(|deployment| DeploymentAnswer::new(deployment, &project, &state.sites));
    Ok(Json(Deployments { deployments: answers.collect(), next }))
}
