//! `POST /auth/claim` and `POST /auth/users`: the first account, and those after it.

use axum::extract::State as FromState;
use domain::throttle::Subjects;
use domain::user::CredentialKind;
use domain::{Email, Error, Password, Sha256, User, UserId, secret};
use http::{Extensions, StatusCode};
use serde::Deserialize;
use store::NewAccount;
use web::{Json, Problem, random, source_address};

use crate::State;
use crate::credentials::{NewCredential, SESSION, Wanted, issue};
use crate::passwords;

/// Someone who wants an account. `code` is the claim code or an invitation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    code: Option<String>,
    email: Email,
    password: Password,
    name: Option<String>,
}

/// Makes the first account, whose holder owns the installation, and signs in.
pub(crate) async fn claim(
    FromState(state): FromState<State>,
    extensions: Extensions,
    Json(person): Json<Person>,
) -> Result<(StatusCode, Json<NewCredential>), Problem> {
    let given = Sha256::of(person.code.as_deref().unwrap_or_default().as_bytes());
    // Hashes are compared, so the time taken tells nothing of the code.
    if state.claim_code != Some(given) {
        return Err(
            Error::Forbidden("the claim code is wrong; it was printed when Slipway was started or deployed").into()
        );
    }
    let new = account(&state, person, true).await?;
    state.users.claim(&new).await?;
    Ok((StatusCode::CREATED, Json(signed_in(&state, &extensions, &new).await?)))
}

/// Makes an account by invitation, or without one when the owner has opened sign-up, and signs in.
pub(crate) async fn sign_up(
    FromState(state): FromState<State>,
    extensions: Extensions,
    Json(person): Json<Person>,
) -> Result<(StatusCode, Json<NewCredential>), Problem> {
    let invitation = person.code.as_ref().map(|code| Sha256::of(code.as_bytes()));
    let new = account(&state, person, false).await?;
    match invitation {
        Some(code) => state.users.accept_invitation(code, &new, (state.clock)()).await?,
        None => state.users.sign_up(&new).await?,
    }
    Ok((StatusCode::CREATED, Json(signed_in(&state, &extensions, &new).await?)))
}

/// The password is hashed before anything is looked up, so that every answer has cost the same.
async fn account(state: &State, person: Person, platform_owner: bool) -> Result<NewAccount, Error> {
    let password_hash = passwords::hash(person.password).await?;
    let now = (state.clock)();
    let name = person.name.unwrap_or_default().trim().chars().take(100).collect();
    let id = UserId::new(now, random::number());
    Ok(NewAccount {
        user: User { id, email: person.email, name, platform_owner, created_at: now, revision: 1 },
        password_hash,
    })
}

/// The address is remembered as the person's own, so that strangers' failures there cannot lock them out.
async fn signed_in(state: &State, extensions: &Extensions, new: &NewAccount) -> Result<NewCredential, Error> {
    let user = &new.user;
    let wanted = Wanted {
        user: user.id,
        platform_owner: user.platform_owner,
        kind: CredentialKind::Session,
        name: "session".into(),
        lasts: SESSION,
        known_address: Some(Subjects::of(&user.email, &source_address(extensions).unwrap_or_default()).pair),
    };
    issue(state, wanted).await
}

/// A code of 256 random bits and its hash, for invitations.
pub(crate) fn code() -> (String, Sha256) {
    let code = secret::secret(secret::Kind::Invitation, random::bytes());
    let hash = Sha256::of(code.as_bytes());
    (code, hash)
}
