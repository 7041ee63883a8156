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
    let new = resolve(&state, &project, principal, trigger).await?;
    let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
    let (status, deployment) = match state.deployments.trigger(new, &ticket, (state.clock)()).await? {
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

/// Settles what was left open: the branch, the commit it stands at, and what the deployment is for.
async fn resolve(
    state: &State,
    project: &Project,
    principal: Principal,
    trigger: Trigger,
) -> Result<NewDeployment, domain::Error> {
    let branch = trigger.branch.unwrap_or_else(|| project.branch.clone());
    let commit = match trigger.commit {
        Some(commit) => commit,
        None => state.repositories.branch_commit(&project.repository, &branch).await?,
    };
    let by_branch = if branch == project.branch { Environment::Production } else { Environment::Preview };
    Ok(NewDeployment {
        id: DeploymentId::new((state.clock)(), random::number()),
        project: project.id,
        environment: trigger.environment.unwrap_or(by_branch),
        repository: project.repository.clone(),
        branch,
        commit,
        settings: project.settings.clone(),
        created_by: principal.user,
    })
}
