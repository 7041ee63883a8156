//! `POST` and `DELETE /projects/{project}/webhook`

use axum::extract::State as FromState;
use domain::project::Role;
use domain::{Error, ProjectId, Sha256, Webhook, secret};
use http::{StatusCode, Uri};
use secrets::Name;
use serde::Serialize;
use web::{Json, Path, Principal, Problem, random};

use crate::State;

/// What to enter at the repository's host. The secret is shown this once.
#[derive(Debug, Serialize)]
pub(crate) struct NewWebhook {
    url: String,
    secret: String,
}

/// Gives the project's webhook a new secret; the one before counts no longer.
pub(crate) async fn create(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
    uri: Uri,
) -> Result<(StatusCode, Json<NewWebhook>), Problem> {
    may_change(&state, id, principal).await?;
    let url = address(&uri, id)?;
    let secret = secret::secret(secret::Kind::Webhook, random::bytes());
    let hash = Sha256::of(secret.as_bytes());
    // First where it is kept, then that it counts: a delivery never meets a secret that counts and is not there yet.
    state.secrets.put(&Name::webhook(id, hash), &secret).await?;
    let webhook = Webhook {
        project: id,
        secret_sha256: hash,
        repository_id: None,
        repository: None,
        created_by: principal.user,
        created_at: (state.clock)(),
        revision: 1,
    };
    match state.projects.set_webhook(webhook).await {
        Ok(before) => state.forget(before.map(|hash| Name::webhook(id, hash))).await,
        Err(error) => {
            state.forget(Some(Name::webhook(id, hash))).await;
            return Err(error.into());
        }
    }
    Ok((StatusCode::CREATED, Json(NewWebhook { url, secret })))
}

/// Ends the project's webhook, whether there was one or not.
pub(crate) async fn delete(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
) -> Result<StatusCode, Problem> {
    may_change(&state, id, principal).await?;
    let before = state.projects.delete_webhook(id).await?;
    state.forget(before.map(|hash| Name::webhook(id, hash))).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn may_change(state: &State, id: ProjectId, principal: Principal) -> Result<(), Error> {
    let (_, role) = state.projects.for_member(id, principal.user).await?;
    match role >= Role::Maintainer {
        true => Ok(()),
        false => Err(Error::Forbidden("viewers look only; ask an owner of the project for the maintainer role")),
    }
}

/// Where deliveries go: to the API under the very address that the caller has used. The function cannot be told the
/// API's address, which is known only after the function.
fn address(uri: &Uri, id: ProjectId) -> Result<String, Error> {
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(host)) => Ok(format!("{scheme}://{host}/webhooks/github/{id}")),
        _ => Err(Error::unavailable("the request does not say where it was sent")),
    }
}
