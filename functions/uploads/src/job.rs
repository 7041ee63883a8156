//! `GET job`: what the builder is to do.

use std::collections::BTreeMap;

use axum::extract::State as FromState;
use domain::Deployment;
use domain::upload::Job;
use web::{Json, Problem};

use crate::State;
use crate::builder::Builder;

/// The job of the deployment whose builder asks.
pub(crate) async fn job(FromState(state): FromState<State>, builder: Builder) -> Result<Json<Job>, Problem> {
    let deployment = builder.open()?;
    Ok(Json(Job {
        repository: deployment.repository,
        allow_loopback: state.allow_loopback,
        commit: deployment.commit,
        branch: deployment.branch,
        environment: deployment.environment,
        settings: deployment.settings,
        variables: BTreeMap::new(),
        timeout_seconds: Deployment::BUILD_SECONDS,
    }))
}
