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
    /// The deleted projects that can be restored, instead of the others.
    #[serde(default)]
    deleted: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Projects {
    projects: Vec<ProjectAnswer>,
    /// What to give as `after` for the next page; none on the last.
    next: Option<ProjectId>,
}

/// The caller's projects, oldest first. A page may hold fewer than there are on it, since deleted ones lie among them.
pub(crate) async fn list(
    FromState(state): FromState<State>,
    principal: Principal,
    Query(page): Query<Page>,
) -> Result<Json<Projects>, Problem> {
    let found = state.projects.of_user(principal.user, page.after, PAGE).await?;
    let now = (state.clock)();
    let wanted = |project: &Project| match page.deleted {
        true => project.restorable_until().is_some_and(|until| now < until),
        false => project.deleted_at.is_none(),
    };
    let next = found.last().map(|(project, _)| project.id).filter(|_| found.len() == usize::from(PAGE));
    let answer = |(project, role): (Project, Role)| ProjectAnswer::new(project, role, &state.sites);
    let shown = found.into_iter().filter(|(project, _)| wanted(project));
    Ok(Json(Projects { projects: shown.map(answer).collect(), next }))
}
