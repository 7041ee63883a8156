//! `GET /projects`

use axum::extract::State as FromState;
use domain::project::Role;
use domain::{Project, ProjectId};
use serde::{Deserialize, Serialize};
use web::answer::ProjectAnswer;
use web::{Json, Principal, Problem, Query};

use crate::State;

/// Projects on one page.
const PAGE: u8 = 50;

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    /// The last project of the page before.
    after: Option<ProjectId>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Projects {
    projects: Vec<ProjectAnswer>,
    /// What to give as `after` for the next page; none on the last.
    next: Option<ProjectId>,
}

/// The caller's projects, oldest first.
pub(crate) async fn list(
    FromState(state): FromState<State>,
    principal: Principal,
    Query(page): Query<Page>,
) -> Result<Json<Projects>, Problem> {
    let found = state.projects.of_user(principal.user, page.after, PAGE).await?;
    let next = found.last().map(|(project, _)| project.id).filter(|_| found.len() == usize::from(PAGE));
    let answer = |(project, role): (Project, Role)| ProjectAnswer::new(project, role, &state.sites);
    Ok(Json(Projects { projects: found.into_iter().map(answer).collect(), next }))
}
