//! What GitHub is answered, and shows among a webhook's deliveries.

use axum::response::{IntoResponse, Response};
use domain::{Commit, Deployment, DeploymentId, Environment};
use http::StatusCode;
use serde::Serialize;
use web::Json;

use crate::push::Ignored;

/// What came of a delivery.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A `ping`; whether it is of the project's repository.
    Pong { ours: bool },
    /// Nothing, for a reason.
    Ignored(Ignored),
    /// A deployment.
    Deployment(Named),
}

/// The deployment that stands for a push.
#[derive(Debug, Serialize)]
pub(crate) struct Named {
    /// `accepted`, or `stands` when there was one for the same commit and environment.
    outcome: &'static str,
    deployment: DeploymentId,
    environment: Environment,
    commit: Commit,
}

#[derive(Serialize)]
struct Said {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Answer {
    pub(crate) fn accepted(deployment: &Deployment) -> Self {
        Self::of("accepted", deployment)
    }

    pub(crate) fn stands(deployment: &Deployment) -> Self {
        Self::of("stands", deployment)
    }

    fn of(outcome: &'static str, deployment: &Deployment) -> Self {
        let Deployment { id, environment, ref commit, .. } = *deployment;
        Self::Deployment(Named { outcome, deployment: id, environment, commit: commit.clone() })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Answer::Pong { ours } => {
                let reason = (!ours).then(|| Ignored::Repository.to_string());
                (StatusCode::OK, Json(Said { outcome: "pong", reason })).into_response()
            }
            Answer::Ignored(why) => {
                let said = Said { outcome: "ignored", reason: Some(why.to_string()) };
                (StatusCode::ACCEPTED, Json(said)).into_response()
            }
            Answer::Deployment(named) => (StatusCode::ACCEPTED, Json(named)).into_response(),
        }
    }
}
