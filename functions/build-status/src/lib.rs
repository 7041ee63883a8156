//! What ECS says of builds, applied to deployments: one read and one write per event.

mod config;
mod event;

use aws_types::SdkConfig;
use builds::Builds;
use bus::Bus;
use domain::{Deployment, DeploymentId, Error, ProjectId, Signal, secret};
use store::{Applied, Deployments};
use web::clock::Clock;
use web::random;

pub use config::Config;
pub use event::Event;
use event::Heard;

/// What an invocation needs.
pub struct State {
    deployments: Deployments,
    builds: Builds,
    bus: Bus,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> Self {
        Self {
            deployments: Deployments::new(aws, config.deployments_table.clone()),
            builds: Builds::new(aws, config.builds.clone()),
            bus: Bus::new(aws),
            clock,
        }
    }
}

/// Hears one event. What cannot be read now can never be: it is logged and acknowledged.
pub async fn hear(state: &State, event: Event) -> Result<(), Error> {
    match event.heard() {
        Ok(Heard::Task { project, deployment, signal }) => apply(state, project, deployment, signal).await,
        Ok(Heard::Turn { project }) => match state.deployments.to_start(project).await? {
            Some(next) => start(state, &next).await,
            None => Ok(()),
        },
        Ok(Heard::Deleted { project }) => {
            // Those that wait come first, so that none of them gets the turn of the one that builds. Its task is then
            // one of a deployment that is over, and the sweeper stops it.
            for deployment in state.deployments.in_order(project).await? {
                apply(state, project, deployment, Signal::Canceled).await?;
            }
            Ok(())
        }
        Ok(Heard::Nothing) => Ok(()),
        Err(error) => {
            tracing::error!(%error, "an event was dropped");
            Ok(())
        }
    }
}

async fn apply(state: &State, project: ProjectId, id: DeploymentId, signal: Signal) -> Result<(), Error> {
    let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
    match state.deployments.apply(project, id, signal, &ticket, (state.clock)()).await {
        Ok(Applied::Moved { deployment, next, .. }) => {
            // Told first: should the start fail, this event comes back here and starts what waits.
            state.bus.send(&[bus::Event::status_of(&deployment)]).await?;
            match next.or_else(|| Some(deployment).filter(waits_for_its_task)) {
                Some(next) => start(state, &next).await,
                None => Ok(()),
            }
        }
        Ok(Applied::Stale(_)) => Ok(()),
        // Delivered again by Lambda: the write it waits for is on its way.
        Ok(Applied::Early) => Err(Error::Contended),
        Err(Error::NotFound(_)) => {
            tracing::warn!(deployment = %id, "a task names a deployment that does not exist");
            Ok(())
        }
        Err(other) => Err(other),
    }
}

/// A lost task has sent the deployment back to the queue with a new attempt.
fn waits_for_its_task(deployment: &Deployment) -> bool {
    deployment.ticket.is_some() && deployment.task.is_none() && !deployment.status.is_terminal()
}

async fn start(state: &State, deployment: &Deployment) -> Result<(), Error> {
    let task = state.builds.start(deployment).await?;
    state.deployments.dispatched(deployment, &task, (state.clock)()).await
}
