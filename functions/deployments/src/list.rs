//! `GET /projects/{project}/deployments`

use axum::extract::State as FromState;
use domain::{Deployment, DeploymentId, Environment, Error, ProjectId};
use serde::{Deserialize, Serialize};
use web::answer::DeploymentAnswer;
use web::{Json, Path, Principal, Problem, Query};

use crate::State;

/// Deployments on one page, and read at once.
const PAGE: u8 = 20;
/// Readings for one page: of a filter that hardly any deployment passes, the caller asks again for more.
const MOST_READINGS: usize = 10;

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    /// The last deployment of the page before.
    before: Option<DeploymentId>,
    status: Option<StatusName>,
    environment: Option<Environment>,
}

/// A status, by its name in the API.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StatusName {
    Queued,
    Building,
    Releasing,
    Ready,
    Failed,
    Canceled,
}

#[derive(Debug, Serialize)]
pub(crate) struct Deployments {
    deployments: Vec<DeploymentAnswer>,
    /// What to give as `before` for the next page; none on the last.
    next: Option<DeploymentId>,
}

/// A project's deployments, newest first.
pub(crate) async fn list(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
    Query(page): Query<Page>,
) -> Result<Json<Deployments>, Problem> {
    let (project, _) = state.projects.for_member(id, principal.user).await?;
    let (found, next) = matching(&state, id, &page).await?;
    let answers = found.into_iter().map(|deployment| DeploymentAnswer::new(deployment, &project, &state.sites));
    Ok(Json(Deployments { deployments: answers.collect(), next }))
}

/// The deployments that the page shows, and from where on the next page looks.
async fn matching(
    state: &State,
    project: ProjectId,
    page: &Page,
) -> Result<(Vec<Deployment>, Option<DeploymentId>), Error> {
    let (mut found, mut before) = (Vec::new(), page.before);
    for _ in 0..MOST_READINGS {
        let read = state.deployments.list(project, before, PAGE).await?;
        let is_last = read.len() < usize::from(PAGE);
        for deployment in read {
            before = Some(deployment.id);
            if page.shows(&deployment) {
                found.push(deployment);
            }
            if found.len() == usize::from(PAGE) {
                return Ok((found, before));
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
    Ok((found, before))
}

impl Page {
    fn shows(&self, deployment: &Deployment) -> bool {
        self.status.is_none_or(|status| status.name() == deployment.status.name())
            && self.environment.is_none_or(|environment| environment == deployment.environment)
    }
}

impl StatusName {
    fn name(self) -> &'static str {
        match self {
            StatusName::Queued => "queued",
            StatusName::Building => "building",
            StatusName::Releasing => "releasing",
            StatusName::Ready => "ready",
            StatusName::Failed => "failed",
            StatusName::Canceled => "canceled",
        }
    }
}
