//! What an outside event means for a deployment.

use super::{Exit, Failure};

/// Something that happened to a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// Its build task runs.
    TaskStarted(TaskEvent),
    /// Its build task has ended.
    TaskStopped(TaskEvent, Exit),
    /// Its manifest and every blob are stored.
    Committed {
        /// Whose builder stored them: 1, 2 …
        attempt: u32,
    },
    /// Its builder says that there will be nothing to commit.
    Failed {
        /// Whose builder says so.
        attempt: u32,
        /// Why.
        failure: Failure,
    },
    /// Someone canceled it.
    Canceled,
    /// A newer deployment of the project took its place in the queue.
    Superseded,
    /// It was not ready when its time was over.
    TimedOut,
}

/// Which task an ECS event speaks of, and how recent it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEvent {
    /// The task's ARN.
    pub task: String,
    /// Which attempt of the deployment the task is: 1, 2 …
    pub attempt: u32,
    /// `detail.version` of the event: rises with each change of a task, equal on duplicates.
    pub version: u64,
}
