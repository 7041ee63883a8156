//! `GET /projects/{project}`

use axum::extract::State as FromState;
use domain::ProjectId;
use web::answer::ProjectAnswer;
use web::{Json, Path, Principal, Problem};

use crate::State;

/// One project of the caller's.
pub(crate) async fn read(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let (project, role) = state.projects.for_member(id, principal.user).await?;
    Ok(Json(ProjectAnswer::new(project, role, &state.sites)))
}
