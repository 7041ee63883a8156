//! Who else works on a project.

use serde::{Deserialize, Serialize};

use super::{Project, Role};
use crate::{Error, ProjectId, Timestamp, UserId};

/// A person in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Which project.
    pub project: ProjectId,
    /// Who.
    pub user: UserId,
    /// What that person may do.
    pub role: Role,
    /// What the person is called by the others; the creator of a project has given none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When the person joined; unknown for creators of the time before there were others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
}

/// An invitation into a project, kept under the hash of its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Into which project.
    pub project: ProjectId,
    /// As what.
    pub role: Role,
    /// Who invited.
    pub created_by: UserId,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Project {
    /// The project after a member's role changed; `None` of a role means that the person is, or was, no member. The last
    /// owner stays one: without any, nobody could invite one again.
    pub fn with_role_changed(&self, from: Option<Role>, to: Option<Role>) -> Result<Project, Error> {
        let (was, is) = (from == Some(Role::Owner), to == Some(Role::Owner));
        let owners = self.owners + u32::from(is) - u32::from(was);
        if owners == 0 {
            return Err(Error::NotNow("a project has at least one owner; make somebody else an owner first".into()));
        }
        Ok(Project { owners, revision: self.revision + 1, ..self.clone() })
    }
}

pub(super) fn one() -> u32 {
    1
}
