//! `POST /webhooks/github/{project}`

use axum::body::Bytes;
use axum::extract::State as FromState;
use domain::{Error, Project, ProjectId, Webhook};
use http::HeaderMap;
use web::{Path, Problem};

use crate::answer::Answer;
use crate::payload::{Ping, Push, read};
use crate::push::Ignored;
use crate::{State, signature};

/// Takes a delivery of GitHub's. The signature is over the body as it came, so that is what is looked at first.
pub(crate) async fn receive(
    FromState(state): FromState<State>,
    Path(id): Path<ProjectId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Problem> {
    let (project, webhook) = authenticated(&state, id, &headers, &body).await?;
    let event = headers.get("x-github-event").and_then(|event| event.to_str().ok()).unwrap_or_default();
    match event {
        "ping" => {
            let Ping { repository } = read(&headers, &body)?;
            let ours = match repository {
                Some(repository) => state.is_of(&project, webhook, &repository).await?,
                // A hook of a whole organisation: its pushes will say of which repository they are.
                None => true,
            };
            Ok(Answer::Pong { ours })
        }
        "push" => {
            let push: Push = read(&headers, &body)?;
            if !state.is_of(&project, webhook, &push.repository).await? {
                return Ok(Answer::Ignored(Ignored::Repository));
            }
            match push.meaning() {
                Ok(pushed) => Ok(state.deploy(&project, pushed).await?),
                Err(ignored) => Ok(Answer::Ignored(ignored)),
            }
        }
        _ => Ok(Answer::Ignored(Ignored::Event)),
    }
}

/// The project and its webhook, if the delivery is signed with the webhook's secret. A project that does not exist and
/// one without a webhook are refused in the same words, after the same computation.
async fn authenticated(
    state: &State,
    id: ProjectId,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Project, Webhook), Error> {
    let found = state.projects.with_webhook(id).await?;
    let secret = match &found {
        Some((_, webhook)) => state.keyring.secret_of(webhook).await?,
        None => None,
    };
    let signed = signature::is_right(secret.as_deref(), headers, body);
    found.filter(|_| signed).ok_or(Error::Unauthenticated("the delivery is not signed with a secret of this project's"))
}

#[cfg(test)]
mod tests;
