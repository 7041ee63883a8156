//! A project's webhook: which secret counts, and which repository it is of.

use serde::{Deserialize, Serialize};

use crate::{Project, ProjectId, RepositoryUrl, Sha256, Timestamp, UserId};

/// A webhook as it is stored. The secret itself lies elsewhere, readable only by who has to compute with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The project whose deployments it triggers.
    pub project: ProjectId,
    /// The hash of the secret that counts. A replaced one has another, so nobody who still holds it is fooled.
    pub secret_sha256: Sha256,
    /// The repository's number on its host, once a signed delivery has told it. Numbers are never given twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<u64>,
    /// The address that the project's repository had when its number was told. With another one the number says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryUrl>,
    /// Who asked for the secret.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Rises with every write; a write is refused when it is not the one that was read.
    pub revision: u64,
}

/// The repository that a delivery names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its number on its host.
    pub id: u64,
    /// Its present addresses.
    pub addresses: Vec<RepositoryUrl>,
}

/// Whose delivery it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognised {
    /// The project's own repository, whatever it is called by now.
    Known,
    /// The project's own repository, whose number was not known yet: this is to be stored.
    First(Webhook),
    /// Another repository, even if it has the name that the project's had before.
    Foreign,
}

impl Webhook {
    /// Whether a signed delivery is of the project's repository: by its number, and only while that is unknown by its
    /// address. A renamed repository stays the project's; one that was made later under the old name does not become it.
    /// A project that was given another repository has to be told that one's number.
    pub fn recognise(&self, project: &Project, source: &Source) -> Recognised {
        let told =
            self.repository_id.filter(|_| self.repository.as_ref().is_none_or(|told| *told == project.repository));
        match told {
            Some(known) if known == source.id => Recognised::Known,
            None if source.addresses.contains(&project.repository) => {
                let revision = self.revision + 1;
                let repository = Some(project.repository.clone());
                Recognised::First(Webhook { repository_id: Some(source.id), repository, revision, ..self.clone() })
            }
            _ => Recognised::Foreign,
        }
    }
}
