//! Deployments: trigger, read, list, log, cancel, promote, roll back, unpin.

mod cancel;
mod config;
mod list;
mod log;
mod pointer;
mod read;
mod start;
mod trigger;

use aws_types::SdkConfig;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use builds::Builds;
use bus::Bus;
use domain::project::Role;
use domain::{DeploymentId, Error, Project, ProjectId};
use idempotency::Keeper;
use repositories::Repositories;
use serde::Deserialize;
use store::{Deployments, Idempotency, Projects};
use web::clock::Clock;
use web::{Principal, Sites};

pub use config::Config;

/// What the handlers share.
#[derive(Clone)]
pub struct State {
    projects: Projects,
    deployments: Deployments,
    builds: Builds,
    bus: Bus,
    repositories: Repositories,
    sites: Sites,
    keeper: Keeper,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> std::io::Result<Self> {
        Ok(Self {
            projects: Projects::new(aws, config.projects_table.clone()),
            deployments: Deployments::new(aws, config.deployments_table.clone()),
            builds: Builds::new(aws, config.builds.clone()),
            bus: Bus::new(aws),
            repositories: Repositories::new(config.repositories.clone())?,
            sites: Sites::new(config.sites_origin.as_deref()),
            keeper: Keeper { answers: Idempotency::new(aws, config.deployments_table.clone()), clock },
            clock,
        })
    }

    /// The project, if the caller may change what it shows.
    async fn project_to_deploy(&self, id: ProjectId, principal: Principal) -> Result<(Project, Role), Error> {
        let (project, role) = self.projects.for_member(id, principal.user).await?;
        match role >= Role::Maintainer {
            true => Ok((project, role)),
            false => Err(Error::Forbidden("viewers look only; ask an owner of the project for the maintainer role")),
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
        .route("/projects/{project}/deployments", get(list::list).post(trigger::trigger))
        .route("/projects/{project}/deployments/{deployment}", get(read::read))
        .route("/projects/{project}/deployments/{deployment}/log", get(log::read))
        .route("/projects/{project}/deployments/{deployment}/cancel", post(cancel::cancel))
        .route("/projects/{project}/deployments/{deployment}/promote", post(pointer::promote))
        .route("/projects/{project}/rollback", post(pointer::roll_back))
        .route("/projects/{project}/pin", delete(pointer::unpin))
        .layer(from_fn_with_state(state.keeper.clone(), idempotency::once))
        .with_state(state)
}
