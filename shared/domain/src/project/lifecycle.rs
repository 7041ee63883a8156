//! Renaming, deleting and restoring a project.

use std::time::Duration;

use super::{Project, Retired};
use crate::{Slug, Timestamp};

/// Days for which nobody else can have a slug that its project gave up, and for which a deleted project can be restored.
/// Long enough that old links and bookmarks do not fall into a stranger's hands unnoticed.
pub const HELD_DAYS: u64 = 30;

impl Project {
    /// The project under another slug; `None` if it has that one. The old one is held for it and may be taken back.
    pub fn renamed(&self, slug: Slug, now: Timestamp) -> Option<Project> {
        if self.slug == slug {
            return None;
        }
        let mut next = Project { slug, ..self.changed_for_edge() };
        next.retired.retain(|retired| retired.held_until > now && retired.slug != next.slug);
        next.retired.push(Retired { slug: self.slug.clone(), held_until: held_until(now) });
        Some(next)
    }

    /// The project deleted: nothing of it is served or built any more.
    pub fn deleted(&self, now: Timestamp) -> Project {
        Project { deleted_at: Some(now), ..self.changed_for_edge() }
    }

    /// The project as it was before it was deleted; `None` if it is not deleted, or for longer than it is kept.
    pub fn restored(&self, now: Timestamp) -> Option<Project> {
        let restorable = self.restorable_until().is_some_and(|until| now < until);
        restorable.then(|| Project { deleted_at: None, ..self.changed_for_edge() })
    }

    /// Until when a deleted project can be restored.
    pub fn restorable_until(&self) -> Option<Timestamp> {
        self.deleted_at.map(held_until)
    }

    /// The same, one revision on, for the edge as well.
    pub(super) fn changed_for_edge(&self) -> Project {
        Project { edge_revision: self.edge_revision + 1, revision: self.revision + 1, ..self.clone() }
    }
}

fn held_until(from: Timestamp) -> Timestamp {
    from.plus(Duration::from_secs(HELD_DAYS * 24 * 60 * 60))
}
