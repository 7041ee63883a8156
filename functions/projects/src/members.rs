//! Members of a project: invite, join, list, give another role, take out. Owners do; anybody may leave.

use std::time::Duration;

use axum::extract::State as FromState;
use domain::project::{Invitation, Member, Role};
use domain::{Error, Project, ProjectId, Sha256, Timestamp, UserId, secret};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use web::answer::ProjectAnswer;
use web::{Json, Path, Principal, Problem, random};

use crate::State;

/// How long an invitation can be accepted.
const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Most characters of a member's name.
const MOST_NAME: usize = 100;

/// Which member.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Place {
    project: ProjectId,
    user: UserId,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    role: Role,
}

#[derive(Debug, Serialize)]
pub(crate) struct NewInvitation {
    /// To be given as `code` of `POST /memberships`, once; it cannot be shown again.
    code: String,
    role: Role,
    expires_at: Timestamp,
}

/// `POST /projects/{project}/invitations`: for one person, whoever has the code.
pub(crate) async fn invite(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
    Json(Wanted { role }): Json<Wanted>,
) -> Result<(StatusCode, Json<NewInvitation>), Problem> {
    state.owned(id, principal).await?;
    let code = secret::secret(secret::Kind::Membership, random::bytes());
    let expires_at = (state.clock)().plus(LASTS);
    let invitation = Invitation { project: id, role, created_by: principal.user, expires_at };
    state.projects.invite(Sha256::of(code.as_bytes()), &invitation).await?;
    Ok((StatusCode::CREATED, Json(NewInvitation { code, role, expires_at })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Join {
    code: String,
    name: Option<String>,
}

/// `POST /memberships`: the caller joins the project of an invitation.
pub(crate) async fn join(
    FromState(state): FromState<State>,
    principal: Principal,
    Json(join): Json<Join>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let name =
        join.name.map(|name| name.trim().chars().take(MOST_NAME).collect::<String>()).filter(|name| !name.is_empty());
    let code = Sha256::of(join.code.trim().as_bytes());
    let (project, role) = state.projects.join(code, principal.user, name, (state.clock)()).await?;
    Ok(Json(ProjectAnswer::new(project, role, &state.sites)))
}

#[derive(Debug, Serialize)]
pub(crate) struct MemberAnswer {
    user: UserId,
    name: Option<String>,
    role: Role,
    joined_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Members {
    members: Vec<MemberAnswer>,
}

/// `GET /projects/{project}/members`
pub(crate) async fn list(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
) -> Result<Json<Members>, Problem> {
    state.projects.for_member(id, principal.user).await?;
    let found = state.projects.members(id).await?;
    Ok(Json(Members { members: found.into_iter().map(MemberAnswer::from).collect() }))
}

/// `PATCH /projects/{project}/members/{user}`: another role. Handing a project over is making the other an owner, then
/// giving oneself another role.
pub(crate) async fn change(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
    Json(Wanted { role }): Json<Wanted>,
) -> Result<Json<MemberAnswer>, Problem> {
    let project = state.owned(place.project, principal).await?;
    let member = state.projects.member(place.project, place.user).await?;
    if member.role == role {
        return Ok(Json(member.into()));
    }
    Ok(Json(state.projects.change_role(&project, &member, role).await?.into()))
}

/// `DELETE /projects/{project}/members/{user}`: by an owner, or by that very person.
pub(crate) async fn remove(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
) -> Result<StatusCode, Problem> {
    let project = match place.user == principal.user {
        true => state.projects.for_member(place.project, principal.user).await?.0,
        false => state.owned(place.project, principal).await?,
    };
    let member = state.projects.member(place.project, place.user).await?;
    state.projects.remove_member(&project, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl State {
    /// The project, if the caller owns it.
    async fn owned(&self, id: ProjectId, principal: Principal) -> Result<Project, Error> {
        match self.projects.for_member(id, principal.user).await? {
            (project, Role::Owner) => Ok(project),
            _ => Err(Error::Forbidden("only an owner of the project changes its members")),
        }
    }
}

impl From<Member> for MemberAnswer {
    fn from(member: Member) -> Self {
        Self { user: member.user, name: member.name, role: member.role, joined_at: member.joined_at }
    }
}
