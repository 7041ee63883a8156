//! Pages of a manifest between their upload and the commit.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use domain::upload::Entry;
use domain::{DeploymentId, ProjectId};

use crate::error::Error;
use crate::{Artifacts, keys};

/// Most keys of one `DeleteObjects` call.
const MOST_KEYS: usize = 1_000;

impl Artifacts {
    /// Stores a page, in place of the one of this number if there is one.
    pub async fn put_manifest_page(
        &self,
        project: ProjectId,
        deployment: DeploymentId,
        page: u32,
        entries: &[Entry],
    ) -> Result<(), Error> {
        self.write_json(&keys::page(project, deployment, page), entries).await
    }

    /// A page; `None` if it was not uploaded.
    pub async fn manifest_page(
        &self,
        project: ProjectId,
        deployment: DeploymentId,
        page: u32,
    ) -> Result<Option<Vec<Entry>>, Error> {
        self.read_json(&keys::page(project, deployment, page)).await
    }

    /// Deletes the pages 0 to `pages - 1`; those that are not there count as deleted.
    pub async fn delete_manifest_pages(
        &self,
        project: ProjectId,
        deployment: DeploymentId,
        pages: u32,
    ) -> Result<(), Error> {
        let keys: Vec<String> = (0..pages).map(|page| keys::page(project, deployment, page)).collect();
        for keys in keys.chunks(MOST_KEYS) {
            let failed =
                |source: Box<dyn std::error::Error + Send + Sync>| Error::unavailable("delete", &keys[0], source);
            let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build());
            let objects = objects.collect::<Result<_, _>>().map_err(|error| failed(error.into()))?;
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
            let delete = delete.map_err(|error| failed(error.into()))?;
            let answer = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await;
            // The call as a whole succeeds even if it deleted nothing.
            if let Some(error) = answer.map_err(|error| failed(error.into()))?.errors().first() {
                return Err(failed(format!("{error:?}").into()));
            }
        }
        Ok(())
    }
}
