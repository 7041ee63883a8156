//! Projects: create, list, read, change, rename, delete, restore; their members, variables and webhooks' secrets.

mod config;
mod create;
mod delete;
mod list;
mod members;
mod read;
mod update;
mod variables;
mod webhook;

use aws_types::SdkConfig;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, patch, post, put};
use bus::Bus;
use domain::ProjectId;
use idempotency::Keeper;
use repositories::Repositories;
use secrets::{Name, Secrets};
use store::{Idempotency, Projects};
use web::Sites;
use web::clock::Clock;

pub use config::Config;

/// What the handlers share.
#[derive(Clone)]
pub struct State {
    projects: Projects,
    bus: Bus,
    repositories: Repositories,
    secrets: Secrets,
    sites: Sites,
    keeper: Keeper,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> std::io::Result<Self> {
        Ok(Self {
            projects: Projects::new(aws, config.projects_table.clone()),
            bus: Bus::new(aws),
            repositories: Repositories::new(config.repositories.clone())?,
            secrets: Secrets::new(aws, config.secrets_prefix.clone()),
            sites: Sites::new(config.sites_origin.as_deref()),
            keeper: Keeper { answers: Idempotency::new(aws, config.projects_table.clone()), clock },
            clock,
        })
    }
}

impl State {
    /// Tells the edge that a project changed.
    async fn tell_edge(&self, project: ProjectId) {
        self.tell(&[bus::Event::ProjectEdge { project }]).await;
    }

    /// Tells the account; a failure is logged and no more, because the sweeper repeats what matters.
    async fn tell(&self, events: &[bus::Event]) {
        if let Err(error) = self.bus.send(events).await {
            tracing::warn!(%error, "an event was not sent");
        }
    }
}

impl State {
    /// Deletes a secret that nothing names any more. One that stays opens nothing: it is logged and no more.
    async fn forget(&self, secret: Option<Name>) {
        let Some(name) = secret else { return };
        if let Err(error) = self.secrets.delete(&name).await {
            tracing::warn!(%error, "a secret that nothing names any more was not deleted");
        }
    }
}

/// The routes of this function.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/projects", get(list::list).post(create::create))
        .route("/projects/{project}", get(read::read).patch(update::update).delete(delete::delete))
        .route("/projects/{project}/restore", post(delete::restore))
        .route("/memberships", post(members::join))
        .route("/projects/{project}/invitations", post(members::invite))
        .route("/projects/{project}/members", get(members::list))
        .route("/projects/{project}/members/{user}", patch(members::change).delete(members::remove))
        .route("/projects/{project}/variables", get(variables::list))
        .route("/projects/{project}/variables/{environment}/{name}", put(variables::set).delete(variables::delete))
        .route("/projects/{project}/webhook", post(webhook::create).delete(webhook::delete))
        .layer(from_fn_with_state(state.keeper.clone(), idempotency::once))
        .with_state(state)
}
