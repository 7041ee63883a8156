//! A project in an answer.

use domain::project::{Live, Role};
use domain::upload::BuildSettings;
use domain::{Branch, DeploymentId, Project, ProjectId, RepositoryUrl, Slug, Timestamp};
use serde::Serialize;

use crate::Sites;

/// A project as its members see it.
#[derive(Debug, Serialize)]
pub struct ProjectAnswer {
    id: ProjectId,
    slug: Slug,
    repository: RepositoryUrl,
    branch: Branch,
    settings: BuildSettings,
    /// Where the live site is; none without a sites domain.
    url: Option<String>,
    live: Option<DeploymentId>,
    previous: Option<DeploymentId>,
    pinned: bool,
    edge: Edge,
    role: Role,
    created_at: Timestamp,
    /// Until when it can be restored, if it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    restorable_until: Option<Timestamp>,
}

/// Whether visitors see the live deployment yet.
#[derive(Debug, Serialize)]
struct Edge {
    revision: u64,
    synced_revision: u64,
    synced: bool,
}

impl ProjectAnswer {
    /// What a member in this role is shown.
    pub fn new(project: Project, role: Role, sites: &Sites) -> Self {
        let deployment = |live: Live| live.deployment;
        Self {
            id: project.id,
            url: sites.live(&project.slug),
            live: project.live.map(deployment),
            previous: project.previous.map(deployment),
            pinned: project.pinned,
            edge: Edge {
                revision: project.edge_revision,
                synced_revision: project.synced_revision,
                synced: !project.edge_is_behind(),
            },
            role,
            created_at: project.created_at,
            restorable_until: project.restorable_until(),
            slug: project.slug,
            repository: project.repository,
            branch: project.branch,
            settings: project.settings,
        }
    }
}
