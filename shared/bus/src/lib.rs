//! What Slipway tells the rest of the account. The only crate that names EventBridge.
//!
//! An event says that something is so, never what to do; whoever hears it reads the tables. A lost one is repeated by
//! the sweeper, so sending is best effort after the write that made it true.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_types::SdkConfig;
use domain::{Deployment, Error, ProjectId};
use serde_json::{Value, json};

/// Something that is so now.
#[derive(Debug, Clone)]
pub enum Event {
    /// A deployment's status changed: `Deployment Status Change`.
    DeploymentStatus {
        /// Its project.
        project: ProjectId,
        /// `{project, deployment, status, environment, trigger}`
        detail: Value,
    },
    /// A project was deleted: `Project Deleted`.
    ProjectDeleted {
        /// Which.
        project: ProjectId,
    },
    /// What the edge has to know of a project changed: `Project Edge Change`.
    ProjectEdge {
        /// Which.
        project: ProjectId,
    },
}

impl Event {
    /// The event of a deployment's present status.
    pub fn status_of(deployment: &Deployment) -> Self {
        let detail = json!({
            "project": deployment.project,
            "deployment": deployment.id,
            "status": deployment.status.name(),
            "environment": deployment.environment,
            "trigger": if deployment.created_by.is_push() { "push" } else { "person" },
        });
        Self::DeploymentStatus { project: deployment.project, detail }
    }

    fn entry(&self) -> PutEventsRequestEntry {
        let (kind, detail) = match self {
            Event::DeploymentStatus { detail, .. } => ("Deployment Status Change", detail.clone()),
            Event::ProjectDeleted { project } => ("Project Deleted", json!({ "project": project })),
            Event::ProjectEdge { project } => ("Project Edge Change", json!({ "project": project })),
        };
        PutEventsRequestEntry::builder().source("slipway").detail_type(kind).detail(detail.to_string()).build()
    }
}

/// The account's default event bus.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
}

impl Bus {
    /// A bus reached with this configuration.
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// Sends up to ten events. Fails when EventBridge took not all of them.
    pub async fn send(&self, events: &[Event]) -> Result<(), Error> {
        if events.is_empty() {
            return Ok(());
        }
        let entries = events.iter().map(Event::entry).collect();
        let answer = self.client.put_events().set_entries(Some(entries)).send().await;
        match answer {
            Ok(answer) if answer.failed_entry_count() == 0 => Ok(()),
            Ok(answer) => {
                Err(Error::unavailable(format!("EventBridge refused {} events", answer.failed_entry_count())))
            }
            Err(error) => Err(Error::unavailable(aws_sdk_eventbridge::error::DisplayErrorContext(&error))),
        }
    }
}
