//! `/me`: the caller's own profile and password.

use axum::extract::State as FromState;
use domain::{Email, Error, Password, Timestamp, User, UserId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::Account;
use web::{Json, Principal, Problem};

use crate::State;
use crate::passwords;

#[derive(Debug, Serialize)]
pub(crate) struct Profile {
    id: UserId,
    email: Email,
    name: String,
    platform_owner: bool,
    created_at: Timestamp,
}

impl From<User> for Profile {
    fn from(User { id, email, name, platform_owner, created_at, .. }: User) -> Self {
        Self { id, email, name, platform_owner, created_at }
    }
}

/// `GET /me`
pub(crate) async fn read(FromState(state): FromState<State>, principal: Principal) -> Result<Json<Profile>, Problem> {
    Ok(Json(state.users.get(principal.user).await?.into()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    name: String,
}

/// `PATCH /me`
pub(crate) async fn update(
    FromState(state): FromState<State>,
    principal: Principal,
    Json(change): Json<Change>,
) -> Result<Json<Profile>, Problem> {
    let read = state.users.get(principal.user).await?;
    let name = change.name.trim().chars().take(100).collect();
    let next = User { name, revision: read.revision + 1, ..read };
    state.users.replace(&next).await?;
    Ok(Json(next.into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    current: String,
    new: Password,
}

/// `PUT /me/password`: asks for the present one, and ends all other sessions.
pub(crate) async fn change_password(
    FromState(state): FromState<State>,
    principal: Principal,
    Json(passwords): Json<NewPassword>,
) -> Result<StatusCode, Problem> {
    let email = state.users.get(principal.user).await?.email;
    let account = state.users.account(&email).await?.ok_or(Error::NotFound("user"))?;
    if !passwords::verify(passwords.current, Some(account.password_hash.clone())).await? {
        return Err(Error::Forbidden("the present password is wrong").into());
    }
    let password_hash = passwords::hash(passwords.new).await?;
    let next = Account { password_hash, revision: account.revision + 1, ..account };
    state.users.replace_account(&email, &next).await?;
    state.users.revoke_other_sessions(principal.user, principal.credential, (state.clock)()).await?;
    Ok(StatusCode::NO_CONTENT)
}
