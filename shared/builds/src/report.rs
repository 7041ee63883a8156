//! What `DescribeTasks` says of a task, in the domain's words.

use aws_sdk_ecs::types::Task;
use domain::deployment::{Deployment, Exit, Signal, TaskEvent};
use domain::{DeploymentId, ProjectId};

/// A build task as ECS sees it.
#[derive(Debug, Clone)]
pub struct TaskReport {
    /// Its ARN.
    pub arn: String,
    /// The project it builds for.
    pub project: ProjectId,
    /// The deployment it builds.
    pub deployment: DeploymentId,
    /// What its state means, if anything yet.
    pub signal: Option<Signal>,
}

impl TaskReport {
    /// `None` for a task that is not a build of ours.
    pub(crate) fn of(task: &Task) -> Option<Self> {
        let arn = task.task_arn()?.to_owned();
        let (project, deployment, attempt) = Deployment::parse_started_by(task.started_by()?)?;
        let event = TaskEvent { task: arn.clone(), attempt, version: u64::try_from(task.version()).unwrap_or(0) };
        let signal = match task.last_status() {
            Some("RUNNING") => Some(Signal::TaskStarted(event)),
            Some("STOPPED") => Some(Signal::TaskStopped(event, exit(task))),
            _ => None,
        };
        Some(Self { arn, project, deployment, signal })
    }
}

fn exit(task: &Task) -> Exit {
    let container = task.containers().iter().find(|container| container.name() == Some("builder"));
    Exit::of(
        task.stop_code().map(|code| code.as_str()),
        task.stopped_reason(),
        container.and_then(|container| container.exit_code()),
        container.and_then(|container| container.reason()),
    )
}
