//! `DELETE /projects/{project}` and `POST /projects/{project}/restore`

use axum::extract::State as FromState;
use domain::project::Role;
use domain::{Error, ProjectId};
use web::answer::ProjectAnswer;
use web::{Json, Path, Principal, Problem};

use crate::State;

const OWNERS: Error = Error::Forbidden("only an owner of the project deletes or restores it");

/// Deletes a project: its site goes down at once, its slug is held, and for 30 days it can be restored.
pub(crate) async fn delete(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let (project, role) = state.projects.for_member(id, principal.user).await?;
    if role != Role::Owner {
        return Err(OWNERS.into());
    }
    let deleted = project.deleted((state.clock)());
    state.projects.delete(&deleted).await?;
    state.tell(&[bus::Event::ProjectEdge { project: id }, bus::Event::ProjectDeleted { project: id }]).await;
    Ok(Json(ProjectAnswer::new(deleted, role, &state.sites)))
}

/// Brings a deleted project back as it was. One that is not deleted stays as it is.
pub(crate) async fn restore(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let (project, role) = state.projects.even_deleted(id, principal.user).await?;
    if role != Role::Owner {
        return Err(OWNERS.into());
    }
    if project.deleted_at.is_none() {
        return Ok(Json(ProjectAnswer::new(project, role, &state.sites)));
    }
    let restored = project.restored((state.clock)()).ok_or(Error::NotFound("project"))?;
    state.projects.restore(&restored).await?;
    state.tell_edge(id).await;
    Ok(Json(ProjectAnswer::new(restored, role, &state.sites)))
}
