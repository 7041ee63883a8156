//! Projects' webhooks.

use domain::{Error, Project, ProjectId, Sha256, Webhook};

use super::Projects;
use crate::item::{from_item, to_item};
use crate::keys;
use crate::table::Written;

impl Projects {
    /// A project and its webhook, whoever asks: one request. `None` unless there are both, and once the project is deleted.
    pub async fn with_webhook(&self, id: ProjectId) -> Result<Option<(Project, Webhook)>, Error> {
        let items = self.table.get_all(&[keys::project(id), keys::webhook(id)]).await?;
        match <[_; 2]>::try_from(items) {
            Ok([Some(project), Some(webhook)]) => {
                let project: Project = from_item(project)?;
                let webhook = from_item(webhook)?;
                Ok(project.deleted_at.is_none().then_some((project, webhook)))
            }
            _ => Ok(None),
        }
    }

    /// Stores a webhook in place of the one that was there, whose secret counts no longer and is returned by its hash.
    /// Refused with `Contended` when somebody else did the same meanwhile.
    pub async fn set_webhook(&self, new: Webhook) -> Result<Option<Sha256>, Error> {
        let key = keys::webhook(new.project);
        let before = self.table.get::<Webhook>(&key).await?;
        let hash = before.as_ref().map(|old| old.secret_sha256);
        let written = match before {
            Some(old) => {
                let next = Webhook { revision: old.revision + 1, ..new };
                self.table.replace(to_item(&key, &next)?, old.revision).await?
            }
            None => self.table.put_new(&key, &new).await?,
        };
        match written {
            Written::Done => Ok(hash),
            Written::Refused => Err(Error::Contended),
        }
    }

    /// Stores what a delivery has told of a webhook, and returns the webhook as it is then: the one that was to be
    /// stored, or what another delivery was faster with.
    pub async fn update_webhook(&self, next: Webhook) -> Result<Webhook, Error> {
        let key = keys::webhook(next.project);
        match self.table.replace(to_item(&key, &next)?, next.revision - 1).await? {
            Written::Done => Ok(next),
            Written::Refused => self.table.get(&key).await?.ok_or(Error::Contended),
        }
    }

    /// Forgets a webhook and returns the hash of the secret that counted; one that is not there is fine.
    pub async fn delete_webhook(&self, id: ProjectId) -> Result<Option<Sha256>, Error> {
        let key = keys::webhook(id);
        let before = self.table.get::<Webhook>(&key).await?;
        self.table.delete(&key).await?;
        Ok(before.map(|webhook| webhook.secret_sha256))
    }
}
