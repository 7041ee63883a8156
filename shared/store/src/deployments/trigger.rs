//! Triggering: one transaction of deployment, request key and the project's order.

use domain::deployment::NewDeployment;
use domain::order::Turn;
use domain::{Deployment, DeploymentId, Error, Order, Outcome, ProjectId, Signal, Status, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Deployments, item_of};
use crate::item::{Item, from_item, to_item};
use crate::keys;
use crate::pause::Tries;
use crate::transaction::{Committed, commit};

/// What became of a trigger.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one at a time and soon gone: a box would buy nothing")]
pub enum Triggered {
    /// A new deployment; its task is to be started when its attempt is 1, else it waits.
    New {
        /// The new deployment.
        deployment: Deployment,
        /// The one that waited until now, canceled in its favour.
        superseded: Option<Deployment>,
    },
    /// The same commit was deployed for the same environment before, and that deployment stands.
    Same(Deployment),
}

/// What one try to trigger came to.
#[expect(clippy::large_enum_variant, reason = "one at a time and soon gone: a box would buy nothing")]
enum Tried {
    Done(Triggered),
    /// Another deployment has become the newest meanwhile.
    Overtaken,
    /// Another writer was faster.
    Refused,
}

#[derive(Serialize, Deserialize)]
struct RequestItem {
    deployment: DeploymentId,
    revision: u64,
}

impl Deployments {
    /// Accepts a deployment, or finds the one that was accepted for the same (project, commit, environment). One that
    /// failed or was canceled does not stand, nor does one of other settings or variables: the same commit is built again.
    pub async fn trigger(&self, new: NewDeployment, ticket: &str, now: Timestamp) -> Result<Triggered, Error> {
        self.trigger_until_written(new, None, ticket, now).await?.ok_or(Error::Contended)
    }

    /// The ordinal of a project's newest deployment; 0 before the first.
    pub async fn newest(&self, project: ProjectId) -> Result<u64, Error> {
        let order: Option<Order> = self.table.get(&keys::order(project)).await?;
        Ok(order.map_or(0, |order| order.newest))
    }

    /// The same, but only as the very next after the deployment of this ordinal: `None` when another came between. For
    /// what was decided by a look at something that moves: who looks later then also triggers later.
    pub async fn trigger_next_to(
        &self,
        newest: u64,
        new: NewDeployment,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<Triggered>, Error> {
        self.trigger_until_written(new, Some(newest), ticket, now).await
    }

    async fn trigger_until_written(
        &self,
        new: NewDeployment,
        newest: Option<u64>,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<Triggered>, Error> {
        let mut tries = Tries::new();
        loop {
            match self.try_trigger(&new, newest, ticket, now).await {
                Ok(Tried::Done(triggered)) => return Ok(Some(triggered)),
                Ok(Tried::Overtaken) => return Ok(None),
                Ok(Tried::Refused) | Err(Error::Contended) => {}
                Err(other) => return Err(other),
            }
            if !tries.again().await {
                return Err(Error::Contended);
            }
        }
    }

    async fn try_trigger(
        &self,
        new: &NewDeployment,
        newest: Option<u64>,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Tried, Error> {
        let request_key = keys::request(new.project, &new.commit, new.environment);
        let found = self.table.get_all(&[keys::order(new.project), request_key.clone()]).await?;
        let [order_item, request_item] = <[Option<Item>; 2]>::try_from(found).unwrap_or_default();
        let order: Option<Order> = order_item.map(from_item).transpose()?;
        let request: Option<RequestItem> = request_item.map(from_item).transpose()?;
        if let Some(earlier) = &request {
            let earlier = self.get(new.project, earlier.deployment).await?;
            let stands = !matches!(earlier.status, Status::Failed { .. } | Status::Canceled { .. });
            // Never an older one: who read the project long ago must not undo what was set since.
            if stands && earlier.build_revision >= new.build_revision {
                return Ok(Tried::Done(Triggered::Same(earlier)));
            }
        }
        if newest.is_some_and(|newest| newest != order.as_ref().map_or(0, |order| order.newest)) {
            return Ok(Tried::Overtaken);
        }
        let (next_order, turn) = order.clone().unwrap_or_default().enter(new.id, new.environment);
        let mut deployment = Deployment::queued(new.clone(), next_order.newest, now);
        let mut superseded = None;
        match turn {
            Turn::Starts => {
                if let Outcome::Moved(started) = deployment.start(ticket.to_owned(), now) {
                    deployment = *started;
                }
            }
            Turn::Waits { instead_of: Some(id) } => {
                match self.get(new.project, id).await?.apply(Signal::Superseded, now) {
                    Outcome::Moved(canceled) => superseded = Some(*canceled),
                    // It has moved since the order was read: read again.
                    Outcome::Stale | Outcome::Early => return Ok(Tried::Refused),
                }
            }
            Turn::Waits { instead_of: None } => {}
        }
        let revision = request.as_ref().map_or(1, |earlier| earlier.revision + 1);
        let request_item = to_item(&request_key, &RequestItem { deployment: new.id, revision })?;
        let order_item = to_item(&keys::order(new.project), &next_order)?;
        let mut parts = vec![
            self.table.putting_new(item_of(&deployment)?)?,
            match &request {
                Some(earlier) => self.table.replacing(request_item, earlier.revision)?,
                None => self.table.putting_new(request_item)?,
            },
            match &order {
                Some(order) => self.table.replacing(order_item, order.revision)?,
                None => self.table.putting_new(order_item)?,
            },
        ];
        if let Some(canceled) = &superseded {
            parts.push(self.table.replacing(item_of(canceled)?, canceled.revision - 1)?);
        }
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(Tried::Done(Triggered::New { deployment, superseded })),
            Committed::Refused(_) => Ok(Tried::Refused),
        }
    }
}
