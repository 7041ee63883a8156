//! The deployments table: deployments, the order they build in, what makes triggers idempotent, and build logs.

mod apply;
mod logs;
mod trigger;

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_types::SdkConfig;
use domain::{Deployment, DeploymentId, Error, Order, ProjectId, Timestamp};

use crate::item::{Item, from_item, text, to_item};
use crate::keys;
use crate::pause::Tries;
use crate::table::{Range, Table, Written};

pub use apply::Applied;
pub use logs::CHUNKS_PER_ATTEMPT;
pub use trigger::Triggered;

/// Deployments, their order, requests and logs.
#[derive(Debug, Clone)]
pub struct Deployments {
    table: Table,
}

impl Deployments {
    /// The table of this name, reached with this configuration.
    pub fn new(config: &SdkConfig, table: String) -> Self {
        Self { table: Table::new(config, table) }
    }

    /// A deployment of a project.
    pub async fn get(&self, project: ProjectId, id: DeploymentId) -> Result<Deployment, Error> {
        let found = self.table.get(&keys::deployment(project, id)).await?;
        found.ok_or(Error::NotFound("deployment"))
    }

    /// A project's deployments, newest first, from `before` on.
    pub async fn list(
        &self,
        project: ProjectId,
        before: Option<DeploymentId>,
        limit: u8,
    ) -> Result<Vec<Deployment>, Error> {
        let after = before.map(|id| keys::deployment(project, id).sk);
        let range = Range { prefix: keys::DEPLOYMENTS, after: after.as_deref(), newest_first: true };
        let items = self.table.query(&keys::deployments(project), range, i32::from(limit)).await?;
        items.into_iter().map(from_item).collect()
    }

    /// A project's deployments that have a place in its order: those that wait, then the one that holds the turn.
    pub async fn in_order(&self, project: ProjectId) -> Result<Vec<DeploymentId>, Error> {
        let order: Option<Order> = self.table.get(&keys::order(project)).await?;
        Ok(order.map(|order| order.places().collect()).unwrap_or_default())
    }

    /// Up to 100 deployments that are not over, oldest first, from `after` on. Reads an index: it may be a moment old.
    pub async fn active(&self, after: Option<DeploymentId>) -> Result<Vec<Deployment>, Error> {
        let from = after.map_or_else(String::new, |id| format!("{}{id}\u{0}", keys::DEPLOYMENTS));
        let request = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name("active")
            .key_condition_expression("active = :yes AND sk >= :from")
            .expression_attribute_values(":yes", text(ACTIVE))
            .expression_attribute_values(
                ":from",
                text(if from.is_empty() { keys::DEPLOYMENTS.to_owned() } else { from }),
            )
            .limit(100);
        let answer = request.send().await.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        answer.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    /// Makes a change to one deployment: read, change, write under its revision; again when another writer was faster.
    /// `change` returns `None` when there is nothing to write.
    pub async fn update(
        &self,
        project: ProjectId,
        id: DeploymentId,
        change: impl Fn(&Deployment) -> Option<Deployment>,
    ) -> Result<Deployment, Error> {
        let mut tries = Tries::new();
        loop {
            let read = self.get(project, id).await?;
            let Some(next) = change(&read) else { return Ok(read) };
            debug_assert!(!next.status.is_terminal(), "a deployment ends through apply, which also frees its turn");
            if self.table.replace(item_of(&next)?, read.revision).await? == Written::Done {
                return Ok(next);
            }
            if !tries.again().await {
                return Err(Error::Contended);
            }
        }
    }

    /// Records that ECS has accepted the task of the current attempt.
    pub async fn dispatched(&self, deployment: &Deployment, task: &str, now: Timestamp) -> Result<(), Error> {
        let attempt = deployment.attempt;
        let change = |read: &Deployment| match read.dispatched(task.to_owned(), now) {
            domain::Outcome::Moved(next) if read.attempt == attempt => Some(*next),
            _ => None,
        };
        self.update(deployment.project, deployment.id, change).await.map(|_| ())
    }
}

const ACTIVE: &str = "yes";

/// The sparse index's attribute is there only until the deployment is over.
fn item_of(deployment: &Deployment) -> Result<Item, Error> {
    let mut item = to_item(&keys::deployment(deployment.project, deployment.id), deployment)?;
    if !deployment.status.is_terminal() {
        item.insert("active".into(), text(ACTIVE));
    }
    Ok(item)
}
