//! The upload protocol: how a build's files become a deployment. The messages are in `domain::upload`.
//!
//! The routes are public for API Gateway; each but `register` asks for the token of exactly the deployment in its path.

mod body;
mod builder;
mod commit;
mod config;
mod failure;
mod known;
mod log;
mod manifest;
mod register;
mod urls;
mod variables;

use artifacts::Artifacts;
use aws_types::SdkConfig;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use bus::Bus;
use domain::{DeploymentId, ProjectId};
use secrets::Secrets;
use serde::Deserialize;
use store::{Deployments, Projects};
use web::clock::Clock;

pub use config::Config;

/// What the handlers share.
#[derive(Clone)]
pub struct State {
    projects: Projects,
    deployments: Deployments,
    artifacts: Artifacts,
    secrets: Secrets,
    bus: Bus,
    allow_loopback: bool,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> Self {
        Self {
            projects: Projects::new(aws, config.projects_table.clone()),
            deployments: Deployments::new(aws, config.deployments_table.clone()),
            artifacts: Artifacts::new(aws, config.artifacts_bucket.clone()),
            secrets: Secrets::new(aws, config.secrets_prefix.clone()),
            bus: Bus::new(aws),
            allow_loopback: config.allow_loopback,
            clock,
        }
    }
}

/// The path of one deployment.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Place {
    project: ProjectId,
    deployment: DeploymentId,
}

/// The routes of this function.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/projects/{project}/deployments/{deployment}/register", post(register::register))
        .route("/projects/{project}/deployments/{deployment}/log", post(log::write))
        .route("/projects/{project}/deployments/{deployment}/manifest", post(manifest::page))
        .route("/projects/{project}/deployments/{deployment}/urls", post(urls::urls))
        .route("/projects/{project}/deployments/{deployment}/commit", post(commit::commit))
        .route("/projects/{project}/deployments/{deployment}/failure", post(failure::failure))
        .layer(DefaultBodyLimit::max(body::MOST_BYTES))
        .with_state(state)
}
