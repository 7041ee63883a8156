//! Who builds and who waits: per project one that runs, and of each environment at most one that waits.

use serde::{Deserialize, Serialize};

use crate::{DeploymentId, Environment};

/// A project's order of deployments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The ordinal of the newest deployment.
    pub newest: u64,
    /// The deployment whose build holds the project's turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<DeploymentId>,
    /// The newest production deployment that waits for its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<DeploymentId>,
    /// The newest preview that waits for its turn, which comes after production's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_preview: Option<DeploymentId>,
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
    /// Adds a new deployment: it starts if nothing runs, else it waits in place of the one of its environment that waited.
    pub fn enter(&self, id: DeploymentId, environment: Environment) -> (Order, Turn) {
        let mut next = Order { newest: self.newest + 1, ..self.next_revision() };
        if self.running.is_none() {
            next.running = Some(id);
            return (next, Turn::Starts);
        }
        let place = match environment {
            Environment::Production => &mut next.waiting,
            Environment::Preview => &mut next.waiting_preview,
        };
        let instead_of = place.replace(id);
        (next, Turn::Waits { instead_of })
    }

    /// Removes a deployment that has ended. Returns the one whose turn it is now. `None` when it had no place.
    pub fn leave(&self, id: DeploymentId) -> Option<(Order, Option<DeploymentId>)> {
        let mut next = self.next_revision();
        if self.running == Some(id) {
            next.running = next.waiting.take().or_else(|| next.waiting_preview.take());
            let started = next.running;
            Some((next, started))
        } else if self.waiting == Some(id) {
            next.waiting = None;
            Some((next, None))
        } else if self.waiting_preview == Some(id) {
            next.waiting_preview = None;
            Some((next, None))
        } else {
            None
        }
    }

    /// Everyone who has a place: those that wait, then the one that holds the turn.
    pub fn places(&self) -> impl Iterator<Item = DeploymentId> {
        [self.waiting, self.waiting_preview, self.running].into_iter().flatten()
    }

    fn next_revision(&self) -> Order {
        Order { revision: self.revision + 1, ..self.clone() }
    }
}
