//! Who builds and who waits: one running and at most one waiting deployment per project.

use serde::{Deserialize, Serialize};

use crate::DeploymentId;

/// A project's order of deployments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The ordinal of the newest deployment.
    pub newest: u64,
    /// The deployment whose build holds the project's turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<DeploymentId>,
    /// The newest deployment that waits for its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<DeploymentId>,
    /// Rises with every write.
    pub revision: u64,
}

/// What a new deployment finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It may start at once.
    Starts,
    /// It waits.
    Waits {
        /// The deployment that waited until now and is superseded by it.
        instead_of: Option<DeploymentId>,
    },
}

impl Order {
    /// Adds a new deployment: it starts if nothing runs, else it waits in place of the one that waited.
    pub fn enter(&self, id: DeploymentId) -> (Order, Turn) {
        let mut next = self.next_revision();
        next.newest += 1;
        if self.running.is_none() {
            next.running = Some(id);
            (next, Turn::Starts)
        } else {
            (next.waiting(Some(id)), Turn::Waits { instead_of: self.waiting })
        }
    }

    /// Removes a deployment that has ended. Returns the one whose turn it is now. `None` when it had no place.
    pub fn leave(&self, id: DeploymentId) -> Option<(Order, Option<DeploymentId>)> {
        if self.running == Some(id) {
            let mut next = self.next_revision().waiting(None);
            next.running = self.waiting;
            Some((next, self.waiting))
        } else if self.waiting == Some(id) {
            Some((self.next_revision().waiting(None), None))
        } else {
            None
        }
    }

    fn next_revision(&self) -> Order {
        Order { revision: self.revision + 1, ..self.clone() }
    }

    fn waiting(mut self, waiting: Option<DeploymentId>) -> Order {
        self.waiting = waiting;
        self
    }
}
