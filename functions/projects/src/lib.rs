//! Projects: create, list, read.

mod config;
mod create;
mod list;
mod read;

use aws_types::SdkConfig;
use axum::Router;
use axum::routing::get;
use bus::Bus;
use repositories::Repositories;
use store::Projects;
use web::Sites;
use web::clock::Clock;

pub use config::Config;

/// What the handlers share.
#[derive(Clone)]
pub struct State {
    projects: Projects,
    bus: Bus,
    repositories: Repositories,
    sites: Sites,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> std::io::Result<Self> {
        Ok(Self {
            projects: Projects::new(aws, config.projects_table.clone()),
            bus: Bus::new(aws),
            repositories: Repositories::new(config.repositories.clone())?,
            sites: Sites::new(config.sites_origin.as_deref()),
            clock,
        })
    }
}

/// The routes of this function.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/projects", get(list::list).post(create::create))
        .route("/projects/{project}", get(read::read))
        .with_state(state)
}
