//! `POST /projects/{project}/deployments`

use axum::extract::State as FromState;
use domain::deployment::NewDeployment;
use domain::{Branch, Commit, DeploymentId, Environment, Project, ProjectId, secret};
use http::StatusCode;
use serde::Deserialize;
use store::Triggered;
use web::answer::DeploymentAnswer;
use web::{Json, Path, Principal, Problem, random};

use crate::State;

/// How often the Git server is asked again because others trigger meanwhile.
const MORE_LOOKS: u32 = 3;

/// What to deploy; everything may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trigger {
    /// The project's branch when absent.
    branch: Option<Branch>,
    /// Where the branch stands now, when absent.
    commit: Option<Commit>,
    /// Production for the project's own branch, preview for others, when absent.
    environment: Option<Environment>,
}

/// Accepts a deployment (201), or shows the one that stands for the same commit and environment (200).
pub(crate) async fn trigger(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
    Json(trigger): Json<Trigger>,
) -> Result<(StatusCode, Json<DeploymentAnswer>), Problem> {
    let (project, _) = state.project_to_deploy(id, principal).await?;
    let (status, deployment) = match accept(&state, &project, principal, trigger).await? {
        Triggered::Same(deployment) => (StatusCode::OK, deployment),
        Triggered::New { deployment, superseded } => {
            if deployment.attempt > 0 {
                state.start(&deployment).await;
            }
            let told: Vec<_> = superseded.iter().chain([&deployment]).map(bus::Event::status_of).collect();
            state.tell(&told).await;
            (StatusCode::CREATED, deployment)
        }
    };
    Ok((status, Json(DeploymentAnswer::new(deployment, &project, &state.sites))))
}

/// Triggers the given commit, or the one that the branch stands at. What goes live has its place by when the branch was
/// looked at: if another deployment came between the look and the trigger, the branch is looked at again.
async fn accept(
    state: &State,
    project: &Project,
    principal: Principal,
    trigger: Trigger,
) -> Result<Triggered, domain::Error> {
    let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
    let branch = trigger.branch.unwrap_or_else(|| project.branch.clone());
    let by_branch = if branch == project.branch { Environment::Production } else { Environment::Preview };
    let environment = trigger.environment.unwrap_or(by_branch);
    let new = |commit| NewDeployment {
        id: DeploymentId::new((state.clock)(), random::number()),
        project: project.id,
        environment,
        repository: project.repository.clone(),
        branch: branch.clone(),
        commit,
        settings: project.settings.clone(),
        build_revision: project.build_revision,
        created_by: principal.user.into(),
    };
    let looks = if trigger.commit.is_none() { MORE_LOOKS } else { 0 };
    for _ in 0..looks {
        let newest = state.deployments.newest(project.id).await?;
        let commit = state.repositories.branch_commit(&project.repository, &branch).await?;
        let done = state.deployments.trigger_next_to(newest, new(commit), &ticket, (state.clock)()).await?;
        if let Some(done) = done {
            return Ok(done);
        }
    }
    let commit = match trigger.commit {
        Some(commit) => commit,
        None => state.repositories.branch_commit(&project.repository, &branch).await?,
    };
    state.deployments.trigger(new(commit), &ticket, (state.clock)()).await
}
