//! `POST /projects`

use axum::extract::State as FromState;
use domain::project::Role;
use domain::upload::BuildSettings;
use domain::{Branch, Project, ProjectId, RepositoryUrl, Slug};
use http::StatusCode;
use serde::Deserialize;
use web::answer::ProjectAnswer;
use web::{Json, Principal, Problem, random};

use crate::State;

/// A new project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    slug: Slug,
    repository: RepositoryUrl,
    /// The branch whose commits go live; `main` when absent.
    branch: Option<Branch>,
    #[serde(default)]
    settings: BuildSettings,
}

/// Creates a project once its repository and branch have been seen.
pub(crate) async fn create(
    FromState(state): FromState<State>,
    principal: Principal,
    Json(new): Json<NewProject>,
) -> Result<(StatusCode, Json<ProjectAnswer>), Problem> {
    let branch = match new.branch {
        Some(branch) => branch,
        None => "main".parse()?,
    };
    state.repositories.branch_commit(&new.repository, &branch).await?;
    let now = (state.clock)();
    let project = Project {
        id: ProjectId::new(now, random::number()),
        slug: new.slug,
        repository: new.repository,
        branch,
        settings: new.settings,
        created_by: principal.user,
        created_at: now,
        live: None,
        previous: None,
        pinned: false,
        retired: Vec::new(),
        deleted_at: None,
        owners: 1,
        build_revision: 0,
        // The edge learns of the slug at once: a preview may be the first thing that is deployed.
        edge_revision: 1,
        synced_revision: 0,
        revision: 1,
    };
    state.projects.create(&project).await?;
    state.tell_edge(project.id).await;
    Ok((StatusCode::CREATED, Json(ProjectAnswer::new(project, Role::Owner, &state.sites))))
}
