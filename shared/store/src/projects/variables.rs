//! Projects' variables.

use domain::variables::Variables;
use domain::{Error, Project, ProjectId};

use super::Projects;
use crate::item::to_item;
use crate::keys;
use crate::transaction::{Committed, commit};

impl Projects {
    /// A project's variables; none of them before the first.
    pub async fn variables(&self, id: ProjectId) -> Result<Variables, Error> {
        Ok(self.table.get(&keys::variables(id)).await?.unwrap_or_default())
    }

    /// Writes variables over the revision before them, and with them the project, whose next build is another one.
    pub async fn set_variables(&self, project: &Project, variables: &Variables) -> Result<(), Error> {
        let item = to_item(&keys::variables(project.id), variables)?;
        let parts = vec![
            match variables.revision {
                1 => self.table.putting_new(item)?,
                revision => self.table.replacing(item, revision - 1)?,
            },
            self.replacing(project)?,
        ];
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) => Err(Error::Contended),
        }
    }
}
