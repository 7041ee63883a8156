//! Projects: a repository, a slug, and a pointer to the deployment that is live.

mod lifecycle;
mod member;

use serde::{Deserialize, Serialize};

use crate::upload::BuildSettings;
use crate::{Branch, Deployment, DeploymentId, Environment, ProjectId, RepositoryUrl, Slug, Timestamp, UserId};

pub use lifecycle::HELD_DAYS;
pub use member::{Invitation, Member};

/// A project as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its name for ever.
    pub id: ProjectId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Where its source comes from.
    pub repository: RepositoryUrl,
    /// The branch whose commits go live.
    pub branch: Branch,
    /// How to build it.
    #[serde(default)]
    pub settings: BuildSettings,
    /// Who created it.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Timestamp,
    /// What its site shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
    /// What its site showed before: where a roll back goes when it names nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Live>,
    /// Whether automatic deploys leave the pointer alone.
    #[serde(default)]
    pub pinned: bool,
    /// Slugs it had before, as long as they are held for it; the edge may still know them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<Retired>,
    /// When it was deleted. Its site is down from then on, and for [`HELD_DAYS`] it can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// How many owners it has: never none.
    #[serde(default = "member::one")]
    pub owners: u32,
    /// Rises with every change that a build has to know: settings, variables, repository.
    #[serde(default)]
    pub build_revision: u64,
    /// Rises with every change that the edge has to know.
    pub edge_revision: u64,
    /// The newest `edge_revision` that the key-value store holds.
    pub synced_revision: u64,
    /// Rises with every write; a write is refused when it is not the one that was read.
    pub revision: u64,
}

/// A slug that a project has given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// The slug.
    pub slug: Slug,
    /// Until when nobody else can have it.
    pub held_until: Timestamp,
}

/// The deployment a site shows, and its place in the project's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Its name.
    pub deployment: DeploymentId,
    /// Its ordinal.
    pub ordinal: u64,
}

/// What a person may do in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May look.
    Viewer,
    /// May deploy, promote and roll back.
    Maintainer,
    /// May do everything.
    Owner,
}

/// Why a deployment cannot go live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PromoteRefused {
    /// Only a ready deployment has files to serve.
    #[error("only a deployment that is ready can go live")]
    NotReady,
    /// There is nothing to go back to.
    #[error("the project has no earlier live deployment to roll back to; name one that is ready")]
    NothingBefore,
}

impl Project {
    /// The project after this deployment became ready, if that moves the pointer: a production deployment, newer than
    /// what is live, no pin holds, and the project is not deleted.
    pub fn after_ready(&self, deployment: &Deployment) -> Option<Project> {
        let newer = self.live.is_none_or(|live| live.ordinal < deployment.ordinal);
        let moves =
            deployment.environment == Environment::Production && newer && !self.pinned && self.deleted_at.is_none();
        moves.then(|| self.point_at(Live { deployment: deployment.id, ordinal: deployment.ordinal }, false))
    }

    /// The project after someone chose this deployment. Going back pins, so that the next push does not undo it; going
    /// forward unpins. `None` when it is live and pinned just so already.
    pub fn promote(&self, deployment: &Deployment) -> Result<Option<Project>, PromoteRefused> {
        if deployment.status != crate::Status::Ready {
            return Err(PromoteRefused::NotReady);
        }
        Ok(self.show(Live { deployment: deployment.id, ordinal: deployment.ordinal }))
    }

    /// The project after going back to what was live before. `None` while a roll back holds already: the same call
    /// repeated must not go forward again to what was left.
    pub fn roll_back(&self) -> Result<Option<Project>, PromoteRefused> {
        if self.pinned {
            return Ok(None);
        }
        // Only ready deployments were ever live, and a ready one stays ready.
        self.previous.map(|previous| self.show(previous)).ok_or(PromoteRefused::NothingBefore)
    }

    /// The project without its pin; `None` when it has none.
    pub fn unpin(&self) -> Option<Project> {
        self.pinned.then(|| Project { pinned: false, revision: self.revision + 1, ..self.clone() })
    }

    /// Whether the key-value store is behind.
    pub fn edge_is_behind(&self) -> bool {
        self.synced_revision < self.edge_revision
    }

    fn show(&self, target: Live) -> Option<Project> {
        match self.live {
            Some(live) if live.deployment == target.deployment => None,
            live => Some(self.point_at(target, live.is_some_and(|live| target.ordinal < live.ordinal))),
        }
    }

    fn point_at(&self, target: Live, pinned: bool) -> Project {
        Project { live: Some(target), previous: self.live, pinned, ..self.changed_for_edge() }
    }
}
