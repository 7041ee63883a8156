//! `/me/tokens`: API tokens for programs.

use std::time::Duration;

use axum::extract::State as FromState;
use domain::user::CredentialKind;
use domain::{Error, TokenId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use web::{Json, Path, Principal, Problem};

use crate::State;
use crate::credentials::{CredentialAnswer, NewCredential, Wanted, issue};

/// Most days that a token lasts.
const MOST_DAYS: u32 = 366;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    name: String,
    /// Days until it expires; 90 when absent.
    days: Option<u32>,
}

/// `POST /me/tokens`
pub(crate) async fn create(
    FromState(state): FromState<State>,
    principal: Principal,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<NewCredential>), Problem> {
    let days = new.days.unwrap_or(90);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::Invalid(format!("a token lasts 1 to {MOST_DAYS} days")).into());
    }
    let wanted = Wanted {
        user: principal.user,
        platform_owner: principal.platform_owner,
        kind: CredentialKind::Token,
        name: new.name.trim().chars().take(100).collect(),
        lasts: Duration::from_secs(u64::from(days) * 24 * 60 * 60),
        known_address: None,
    };
    Ok((StatusCode::CREATED, Json(issue(&state, wanted).await?)))
}

#[derive(Debug, Serialize)]
pub(crate) struct Tokens {
    tokens: Vec<CredentialAnswer>,
}

/// `GET /me/tokens`: sessions are among them, so that a person can end one.
pub(crate) async fn list(FromState(state): FromState<State>, principal: Principal) -> Result<Json<Tokens>, Problem> {
    let found = state.users.credentials(principal.user, (state.clock)()).await?;
    Ok(Json(Tokens { tokens: found.into_iter().map(CredentialAnswer::from).collect() }))
}

/// `DELETE /me/tokens/{token}`: the next request with it is refused.
pub(crate) async fn revoke(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(token): Path<TokenId>,
) -> Result<StatusCode, Problem> {
    state.users.revoke(principal.user, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
