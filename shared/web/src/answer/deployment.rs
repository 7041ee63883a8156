//! A deployment in an answer.

use domain::deployment::Failure;
use domain::{
    Branch, Commit, Creator, Deployment, DeploymentId, Environment, Login, Project, ProjectId, RepositoryUrl, Status,
    Timestamp, UserId,
};
use serde::Serialize;

use crate::Sites;

/// A deployment as the members of its project see it. The ticket and the builder's token are no part of it.
#[derive(Debug, Serialize)]
pub struct DeploymentAnswer {
    id: DeploymentId,
    project: ProjectId,
    ordinal: u64,
    environment: Environment,
    status: &'static str,
    /// Why it failed, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    /// Whether a canceled deployment made room for a newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded: Option<bool>,
    /// Whether the project's site shows it now.
    live: bool,
    /// The address that always shows this deployment; there once it is ready, if the installation has a sites domain.
    url: Option<String>,
    repository: RepositoryUrl,
    branch: Branch,
    commit: Commit,
    attempt: u32,
    /// Who triggered it; nobody with an account when it was a push.
    created_by: Option<UserId>,
    /// Who pushed, as the repository's host calls them; there only when it was a push that said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed_by: Option<Login>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl DeploymentAnswer {
    /// What is shown of a deployment of this project.
    pub fn new(deployment: Deployment, project: &Project, sites: &Sites) -> Self {
        let url = (deployment.status == Status::Ready).then(|| sites.immutable(&project.slug, deployment.id)).flatten();
        let status = deployment.status.name();
        let (failure, superseded) = match deployment.status {
            Status::Failed { failure } => (Some(failure), None),
            Status::Canceled { superseded } => (None, Some(superseded)),
            _ => (None, None),
        };
        let (created_by, pushed_by) = match deployment.created_by {
            Creator::Person(user) => (Some(user), None),
            Creator::Push(login) => (None, login),
        };
        Self {
            live: project.live.is_some_and(|live| live.deployment == deployment.id),
            url,
            status,
            failure,
            superseded,
            id: deployment.id,
            project: deployment.project,
            ordinal: deployment.ordinal,
            environment: deployment.environment,
            repository: deployment.repository,
            branch: deployment.branch,
            commit: deployment.commit,
            attempt: deployment.attempt,
            created_by,
            pushed_by,
            created_at: deployment.created_at,
            updated_at: deployment.updated_at,
        }
    }
}
