//! `POST /auth/sessions` and `DELETE /auth/sessions/current`: sign in and out.

use axum::extract::State as FromState;
use domain::throttle::{Failures, Subjects};
use domain::user::CredentialKind;
use domain::{Email, Error};
use http::{Extensions, StatusCode};
use serde::Deserialize;
use web::{Json, Principal, Problem, source_address};

use crate::State;
use crate::credentials::{NewCredential, SESSION, Wanted, issue};
use crate::passwords;

/// Who signs in. The password is not held to today's rules: it may be older than they are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    email: Email,
    password: String,
}

/// Starts a session. A wrong password and an unknown e-mail address have the same answer, after the same work.
pub(crate) async fn sign_in(
    FromState(state): FromState<State>,
    extensions: Extensions,
    Json(sign_in): Json<SignIn>,
) -> Result<(StatusCode, Json<NewCredential>), Problem> {
    let now = (state.clock)();
    let address = source_address(&extensions).unwrap_or_default();
    let who = Subjects::of(&sign_in.email, &address);
    let attempt = state.users.sign_in_attempt(&sign_in.email, &who, now).await?;
    attempt.failures.check(now)?;
    let counted = state.users.count_attempt(&who, now).await?;
    Failures { known_address: attempt.failures.known_address, ..counted }.check(now)?;
    let hash = attempt.account.as_ref().map(|account| account.password_hash.clone());
    let right = sign_in.password.len() <= 1024 && passwords::verify(sign_in.password, hash).await?;
    let (true, Some(account)) = (right, attempt.account) else {
        return Err(Error::Unauthenticated("the e-mail address or the password is wrong").into());
    };
    state.users.forgive_attempt(&who, now).await?;
    let wanted = Wanted {
        user: account.user,
        platform_owner: account.platform_owner,
        kind: CredentialKind::Session,
        name: "session".into(),
        lasts: SESSION,
        known_address: Some(who.pair),
    };
    Ok((StatusCode::CREATED, Json(issue(&state, wanted).await?)))
}

/// Ends the session or token that the request was made with.
pub(crate) async fn sign_out(FromState(state): FromState<State>, principal: Principal) -> Result<StatusCode, Problem> {
    state.users.revoke(principal.user, principal.credential).await?;
    Ok(StatusCode::NO_CONTENT)
}
