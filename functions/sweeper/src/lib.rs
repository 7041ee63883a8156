//! Once a minute: whatever an event should have brought about and did not.
//!
//! Builds that were never started are started, tasks whose events were lost are asked for, what is over its time is
//! failed, tasks of deployments that are over are stopped, and the edge is told again of what it does not know. Each
//! step is safe to repeat, and one that fails does not keep the others from being done.

mod builds_sweep;
mod config;
mod edge_sweep;
mod orphans;

use aws_types::SdkConfig;
use builds::Builds;
use bus::Bus;
use domain::Error;
use serde::Serialize;
use store::{Deployments, Projects};
use web::clock::Clock;

pub use config::Config;

/// What an invocation needs.
pub struct State {
    projects: Projects,
    deployments: Deployments,
    builds: Builds,
    bus: Bus,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> Self {
        Self {
            projects: Projects::new(aws, config.projects_table.clone()),
            deployments: Deployments::new(aws, config.deployments_table.clone()),
            builds: Builds::new(aws, config.builds.clone()),
            bus: Bus::new(aws),
            clock,
        }
    }
}

/// What a sweep found to do.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Builds that were started, again or at last.
    pub started: usize,
    /// Deployments that moved by what ECS said or because their time was over.
    pub moved: usize,
    /// Tasks that were stopped because their deployment is over.
    pub stopped: usize,
    /// Projects of which the edge was told again.
    pub told: usize,
}

/// Sweeps. The schedule's own event says nothing.
pub async fn sweep(state: &State, _: serde_json::Value) -> Result<Swept, Error> {
    let mut swept = Swept::default();
    let steps = [
        builds_sweep::sweep(state, &mut swept).await,
        orphans::sweep(state, &mut swept).await,
        edge_sweep::sweep(state, &mut swept).await,
    ];
    tracing::info!(?swept, "swept");
    steps.into_iter().collect::<Result<(), Error>>()?;
    Ok(swept)
}
