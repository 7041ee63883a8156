//! Applying signals: one read, one guarded write; again from the read when another writer was faster.

use domain::{Deployment, DeploymentId, Error, Order, Outcome, Project, ProjectId, Signal, Timestamp};

use super::{Deployments, item_of};
use crate::item::{Item, from_item, to_item};
use crate::keys;
use crate::pause::Tries;
use crate::projects::Projects;
use crate::transaction::{Committed, commit};

/// What a signal led to.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one at a time and soon gone: a box would buy nothing")]
pub enum Applied {
    /// The deployment moved.
    Moved {
        /// As it is now.
        deployment: Deployment,
        /// The deployment whose turn it is now, already granted its first attempt.
        next: Option<Deployment>,
        /// The project, when the deployment became live by this.
        live: Option<Project>,
    },
    /// The signal was old news.
    Stale(Deployment),
    /// The signal came before its time and should be delivered again.
    Early,
}

impl Deployments {
    /// Applies a signal. `ticket` is for the attempt that may begin through it: the next deployment's first, or this
    /// one's second.
    pub async fn apply(
        &self,
        project: ProjectId,
        id: DeploymentId,
        signal: Signal,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        self.settle(None, project, id, signal, ticket, now).await
    }

    /// Makes a deployment ready, and live if it may: one transaction over both tables. It is the attempt of `read` that
    /// has stored the files.
    pub async fn committed(
        &self,
        projects: &Projects,
        read: &Deployment,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let signal = Signal::Committed { attempt: read.attempt };
        self.settle(Some(projects), read.project, read.id, signal, ticket, now).await
    }

    async fn settle(
        &self,
        projects: Option<&Projects>,
        project: ProjectId,
        id: DeploymentId,
        signal: Signal,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let mut tries = Tries::new();
        loop {
            let tried = self.try_settle(projects, project, id, signal.clone(), ticket, now).await;
            if !matches!(tried, Ok(None) | Err(Error::Contended)) || !tries.again().await {
                return tried?.ok_or(Error::Contended);
            }
        }
    }

    /// One try; `None` when another writer was faster.
    async fn try_settle(
        &self,
        projects: Option<&Projects>,
        project: ProjectId,
        id: DeploymentId,
        signal: Signal,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<Applied>, Error> {
        let (read, order) = self.with_order(project, id).await?;
        let moved = match read.apply(signal, now) {
            Outcome::Moved(moved) => *moved,
            Outcome::Stale => return Ok(Some(Applied::Stale(read))),
            Outcome::Early => return Ok(Some(Applied::Early)),
        };
        // A lost task's next attempt needs a ticket of its own before anybody can start it.
        let moved = match moved.with_ticket(ticket.to_owned(), now) {
            Outcome::Moved(ticketed) => Deployment { revision: moved.revision, ..*ticketed },
            Outcome::Stale | Outcome::Early => moved,
        };
        let live = match projects {
            Some(projects) => {
                let project = projects.get(project).await?.ok_or(Error::NotFound("project"))?;
                project.after_ready(&moved)
            }
            None => None,
        };
        let next = self.write(projects, &read, &moved, order, live.as_ref(), ticket, now).await?;
        Ok(next.map(|next| Applied::Moved { deployment: moved, next: next.started, live }))
    }

    async fn with_order(&self, project: ProjectId, id: DeploymentId) -> Result<(Deployment, Order), Error> {
        let found = self.table.get_all(&[keys::deployment(project, id), keys::order(project)]).await?;
        match <[Option<Item>; 2]>::try_from(found).unwrap_or_default() {
            [Some(deployment), Some(order)] => Ok((from_item(deployment)?, from_item(order)?)),
            _ => Err(Error::NotFound("deployment")),
        }
    }

    /// Writes what has changed; `None` when another writer was faster.
    #[expect(clippy::too_many_arguments, reason = "one transaction over everything that was read and decided")]
    async fn write(
        &self,
        projects: Option<&Projects>,
        read: &Deployment,
        moved: &Deployment,
        order: Order,
        live: Option<&Project>,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<Next>, Error> {
        if !moved.status.is_terminal() {
            let written = self.table.replace(item_of(moved)?, read.revision).await?;
            return Ok((written == crate::table::Written::Done).then_some(Next { started: None }));
        }
        let mut parts = vec![self.table.replacing(item_of(moved)?, read.revision)?];
        // What is not over has a place in the order. If this one has none, the order was read before the transaction that
        // gave it its place: a batch of reads is not one moment.
        let Some((next_order, next)) = order.leave(moved.id) else { return Ok(None) };
        let order_item = to_item(&keys::order(moved.project), &next_order)?;
        parts.push(self.table.replacing(order_item, order.revision)?);
        let mut started = None;
        if let Some(next) = next {
            let waiting = self.get(moved.project, next).await?;
            let Outcome::Moved(granted) = waiting.start(ticket.to_owned(), now) else { return Ok(None) };
            parts.push(self.table.replacing(item_of(&granted)?, waiting.revision)?);
            started = Some(*granted);
        }
        if let (Some(projects), Some(live)) = (projects, live) {
            parts.push(projects.replacing(live)?);
        }
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(Some(Next { started })),
            Committed::Refused(_) => Ok(None),
        }
    }

    /// The deployment that holds its project's turn and whose task nobody has started yet, if there is one.
    pub async fn to_start(&self, project: ProjectId) -> Result<Option<Deployment>, Error> {
        let order: Option<Order> = self.table.get(&keys::order(project)).await?;
        let Some(running) = order.and_then(|order| order.running) else { return Ok(None) };
        let deployment = self.get(project, running).await?;
        Ok(Some(deployment).filter(|found| found.ticket.is_some() && found.task.is_none()))
    }
}

struct Next {
    started: Option<Deployment>,
}
