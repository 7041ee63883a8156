//! What the edge knows: a project's slug, id and live deployment, written to the CloudFront KeyValueStore.
//!
//! The event says only that something changed; the project is read after the store's ETag, and the store refuses a
//! write under an older ETag. So of two syncs that overlap, the later read wins.

mod config;
mod edge_store;

use aws_types::SdkConfig;
use domain::{Error, ProjectId};
use serde::Deserialize;
use store::Projects;

pub use config::Config;
use edge_store::{EdgeStore, Written};
use web::clock::Clock;

/// What an invocation needs.
pub struct State {
    projects: Projects,
    edge: EdgeStore,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> Self {
        Self {
            projects: Projects::new(aws, config.projects_table.clone()),
            edge: EdgeStore::new(aws, config.edge_store_arn.clone()),
            clock,
        }
    }
}

/// `Project Edge Change`, as far as it is used.
#[derive(Debug, Deserialize)]
pub struct Event {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
struct Detail {
    project: ProjectId,
}

/// How often a write that lost against another one is tried again from the read.
const TRIES: usize = 4;

/// Brings the edge up to date with one project.
pub async fn hear(state: &State, event: Event) -> Result<(), Error> {
    let id = event.detail.project;
    for _ in 0..TRIES {
        let etag = state.edge.etag().await?;
        let Some(project) = state.projects.get(id).await? else {
            tracing::warn!(project = %id, "an event names a project that does not exist");
            return Ok(());
        };
        if !project.edge_is_behind() {
            return Ok(());
        }
        if state.edge.write(&project, etag, (state.clock)()).await? == Written::Done {
            return state.projects.synced(id, project.edge_revision).await;
        }
    }
    Err(Error::Contended)
}
