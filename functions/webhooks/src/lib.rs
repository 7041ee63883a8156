//! GitHub's webhooks: a signed push becomes a deployment.
//!
//! The route is public for API Gateway. Nothing of a delivery is read before its signature has been found right. What is
//! to be built is written down and told; whoever hears it starts the build, so the answer waits for no task.

mod answer;
mod config;
mod keyring;
mod newest;
mod payload;
mod push;
mod receive;
mod signature;
mod skip;
mod source;

use aws_types::SdkConfig;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use bus::Bus;
use keyring::Keyring;
use repositories::Repositories;
use store::{Deployments, Projects};
use web::clock::Clock;

pub use config::Config;

/// Most bytes of a delivery: what Lambda takes in one synchronous request. GitHub sends up to 25 MB.
const MOST_BYTES: usize = 6 * 1024 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub struct State {
    projects: Projects,
    deployments: Deployments,
    keyring: Keyring,
    bus: Bus,
    repositories: Repositories,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> std::io::Result<Self> {
        Ok(Self {
            projects: Projects::new(aws, config.projects_table.clone()),
            deployments: Deployments::new(aws, config.deployments_table.clone()),
            keyring: Keyring::new(aws, config.secrets_prefix.clone()),
            bus: Bus::new(aws),
            repositories: Repositories::new(config.repositories.clone())?,
            clock,
        })
    }
}

/// The routes of this function.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/webhooks/github/{project}", post(receive::receive))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(state)
}
