//! From the wire to a signal: `ECS Task State Change` of ECS, and Slipway's own `Deployment Status Change` and
//! `Project Deleted`.
//!
//! Only the fields that are used are read, all others are tolerated: AWS adds fields without notice.

use domain::deployment::{Exit, TaskEvent};
use domain::{Deployment, DeploymentId, ProjectId, Signal};
use serde::Deserialize;

/// An event in EventBridge's envelope.
#[derive(Debug, Deserialize)]
pub struct Event {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: serde_json::Value,
}

/// What an event means here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Something happened to a deployment's task.
    Task { project: ProjectId, deployment: DeploymentId, signal: Signal },
    /// A deployment ended, or a push triggered one: the project may have one to start.
    Turn { project: ProjectId },
    /// The project was deleted: nothing of it is to be built.
    Deleted { project: ProjectId },
    /// Nothing to do: a state on the way, or a task that is not a build.
    Nothing,
}

/// An event that looks like one of ours but cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{detail_type} from {source_name} cannot be read: {why}")]
pub(crate) struct Unreadable {
    detail_type: String,
    source_name: String,
    why: serde_json::Error,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    task_arn: String,
    last_status: String,
    #[serde(default)]
    started_by: Option<String>,
    version: u64,
    #[serde(default)]
    stop_code: Option<String>,
    #[serde(default)]
    stopped_reason: Option<String>,
    #[serde(default)]
    containers: Vec<Container>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
    #[serde(default)]
    exit_code: Option<i32>,
    #[serde(default)]
    reason: Option<String>,
}

/// What Slipway's own events say.
#[derive(Deserialize)]
struct Own {
    project: ProjectId,
}

impl Event {
    pub(crate) fn heard(self) -> Result<Heard, Unreadable> {
        let Self { source, detail_type, detail } = self;
        let heard = match (source.as_str(), detail_type.as_str()) {
            ("aws.ecs", "ECS Task State Change") => serde_json::from_value(detail).map(of_task),
            ("slipway", "Deployment Status Change") => {
                serde_json::from_value(detail).map(|Own { project }| Heard::Turn { project })
            }
            ("slipway", "Project Deleted") => {
                serde_json::from_value(detail).map(|Own { project }| Heard::Deleted { project })
            }
            _ => Ok(Heard::Nothing),
        };
        heard.map_err(|why| Unreadable { detail_type, source_name: source, why })
    }
}

fn of_task(task: Task) -> Heard {
    let named = task.started_by.as_deref().and_then(Deployment::parse_started_by);
    let Some((project, deployment, attempt)) = named else { return Heard::Nothing };
    let event = TaskEvent { task: task.task_arn, attempt, version: task.version };
    let signal = match task.last_status.as_str() {
        "RUNNING" => Signal::TaskStarted(event),
        "STOPPED" => {
            let container = task.containers.iter().find(|container| container.name == "builder");
            let exit = Exit::of(
                task.stop_code.as_deref(),
                task.stopped_reason.as_deref(),
                container.and_then(|container| container.exit_code),
                container.and_then(|container| container.reason.as_deref()),
            );
            Signal::TaskStopped(event, exit)
        }
        _ => return Heard::Nothing,
    };
    Heard::Task { project, deployment, signal }
}
