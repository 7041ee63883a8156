//! `POST /auth/invitations` and `PUT /auth/sign-up`: how others get an account. Both are the installation's owner's.

use std::time::Duration;

use axum::extract::State as FromState;
use domain::{Error, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use web::{Json, Principal, Problem};

use crate::State;
use crate::accounts::code;

/// How long an invitation can be accepted.
const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[derive(Debug, Serialize)]
pub(crate) struct Invitation {
    /// To be given as `code` of `POST /auth/users`, once; it cannot be shown again.
    code: String,
    expires_at: Timestamp,
}

/// Makes an invitation for one person.
pub(crate) async fn invite(
    FromState(state): FromState<State>,
    principal: Principal,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    owner_only(principal)?;
    let (code, hash) = code();
    let expires_at = (state.clock)().plus(LASTS);
    state.users.invite(hash, expires_at).await?;
    Ok((StatusCode::CREATED, Json(Invitation { code, expires_at })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    open: bool,
}

/// Opens or closes sign-up without an invitation.
pub(crate) async fn set_sign_up(
    FromState(state): FromState<State>,
    principal: Principal,
    Json(sign_up): Json<SignUp>,
) -> Result<StatusCode, Problem> {
    owner_only(principal)?;
    state.users.set_sign_up(sign_up.open).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn owner_only(principal: Principal) -> Result<(), Error> {
    match principal.platform_owner {
        true => Ok(()),
        false => Err(Error::Forbidden("only the owner of this installation may do this")),
    }
}
