//! The record of a deployment.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::upload::BuildSettings;
use crate::{Branch, Commit, Creator, DeploymentId, Environment, ProjectId, RepositoryUrl, Sha256, Timestamp};

/// Where a deployment is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// Accepted. With attempt 0 it waits for the project's running build to end, else its task has been asked for.
    Queued,
    /// Its task runs.
    Building,
    /// Its pipeline carries it out (container projects).
    Releasing,
    /// Stored and servable, for ever.
    Ready,
    /// It will never be ready.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Someone or something did not want it any more.
    Canceled {
        /// Whether a newer deployment took its place, rather than a person canceling it.
        superseded: bool,
    },
}

impl Status {
    /// Whether nothing can change it any more.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Status::Ready | Status::Failed { .. } | Status::Canceled { .. })
    }

    /// Its name in the API.
    pub fn name(&self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Building => "building",
            Status::Releasing => "releasing",
            Status::Ready => "ready",
            Status::Failed { .. } => "failed",
            Status::Canceled { .. } => "canceled",
        }
    }
}

/// The ECS task of the current attempt, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// The newest `detail.version` seen; 0 before the first event.
    pub version: u64,
}

/// A deployment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its name.
    pub id: DeploymentId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its place in the project's order of triggers: 1, 2 … An automatic deploy never goes live over a later one.
    pub ordinal: u64,
    /// What it is for.
    pub environment: Environment,
    /// Where its source comes from.
    pub repository: RepositoryUrl,
    /// The branch that was asked for.
    pub branch: Branch,
    /// The commit the branch stood at.
    pub commit: Commit,
    /// How to build it, as set when it was triggered.
    pub settings: BuildSettings,
    /// The project's `build_revision` at that time: the same commit with other settings or variables is built again.
    #[serde(default)]
    pub build_revision: u64,
    /// Who or what triggered it.
    pub created_by: Creator,
    /// When it was triggered.
    pub created_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
    /// Where it is in its life.
    pub status: Status,
    /// Which attempt to build it this is; 0 while it waits for its turn.
    pub attempt: u32,
    /// When the current attempt is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// The current attempt's task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The one-time ticket of the current attempt, kept until the builder has used it so that RunTask can be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The hash of the token that the builder registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_sha256: Option<Sha256>,
    /// Rises with every write; a write is refused when it is not the one that was read.
    pub revision: u64,
}

/// What a trigger decides about a deployment.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// Its name.
    pub id: DeploymentId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// What it is for.
    pub environment: Environment,
    /// Where its source comes from.
    pub repository: RepositoryUrl,
    /// The branch that was asked for.
    pub branch: Branch,
    /// The commit to build.
    pub commit: Commit,
    /// How to build it.
    pub settings: BuildSettings,
    /// The project's `build_revision`.
    pub build_revision: u64,
    /// Who or what triggered it.
    pub created_by: Creator,
}

impl Deployment {
    /// Seconds a build may take before it is stopped.
    pub const BUILD_SECONDS: u64 = 15 * 60;
    /// Seconds allowed for a task to get its machine and image, on top of the build's own time.
    pub const START_SECONDS: u64 = 10 * 60;
    /// How often a build is attempted when its task was lost through no fault of its own.
    pub const MOST_ATTEMPTS: u32 = 2;

    /// A deployment that waits in the project's queue.
    pub fn queued(new: NewDeployment, ordinal: u64, now: Timestamp) -> Self {
        Self {
            id: new.id,
            project: new.project,
            ordinal,
            environment: new.environment,
            repository: new.repository,
            branch: new.branch,
            commit: new.commit,
            settings: new.settings,
            build_revision: new.build_revision,
            created_by: new.created_by,
            created_at: now,
            updated_at: now,
            status: Status::Queued,
            attempt: 0,
            deadline: None,
            task: None,
            ticket: None,
            token_sha256: None,
            revision: 1,
        }
    }

    /// `startedBy` of its tasks: `<project>/<deployment>/<attempt>`, because ECS events carry no tags.
    pub fn started_by(&self) -> String {
        format!("{}/{}/{}", self.project, self.id, self.attempt)
    }

    /// Reads `startedBy` back; `None` for a task that is not a build of ours.
    pub fn parse_started_by(text: &str) -> Option<(ProjectId, DeploymentId, u32)> {
        let mut parts = text.split('/');
        let (project, deployment) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let number = parts.next()?;
        let attempt: u32 = number.parse().ok()?;
        // Attempts are counted from 1: what still waits for its turn has no task that could say anything.
        let ours = attempt > 0 && number == attempt.to_string() && parts.next().is_none();
        ours.then_some((project, deployment, attempt))
    }
}
