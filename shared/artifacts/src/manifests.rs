//! Manifests: immutable, so whoever has read one may keep it for good.

use domain::{DeploymentId, Manifest, ProjectId};

use crate::error::Error;
use crate::objects::Written;
use crate::{Artifacts, keys};

impl Artifacts {
    /// The manifest of a deployment; `None` if it has none (or is another project's, which is the same).
    pub async fn manifest(&self, project: ProjectId, deployment: DeploymentId) -> Result<Option<Manifest>, Error> {
        self.read_json(&keys::manifest(project, deployment)).await
    }

    /// Stores a manifest. The same one again is success, so that a commit can be repeated; another one is
    /// [`Error::Conflict`].
    pub async fn put_manifest(&self, project: ProjectId, manifest: &Manifest) -> Result<(), Error> {
        let key = keys::manifest(project, manifest.deployment);
        match self.create_json(&key, manifest).await? {
            Written::New => Ok(()),
            Written::Already => match self.manifest(project, manifest.deployment).await? {
                Some(stored) if stored == *manifest => Ok(()),
                Some(_) => Err(Error::Conflict { key }),
                None => Err(Error::unavailable("store", &key, "another write of it is under way")),
            },
        }
    }

    /// Stores a manifest in place of one that was stored by an attempt that did not get to be ready.
    pub async fn replace_manifest(&self, project: ProjectId, manifest: &Manifest) -> Result<(), Error> {
        self.write_json(&keys::manifest(project, manifest.deployment), manifest).await
    }

    /// Removes the manifest of a deployment that did not become ready after all; one that is not there counts as
    /// removed. Blobs stay: another deployment may name them.
    pub async fn delete_manifest(&self, project: ProjectId, deployment: DeploymentId) -> Result<(), Error> {
        let key = keys::manifest(project, deployment);
        let answer = self.client.delete_object().bucket(&self.bucket).key(&key).send().await;
        answer.map(drop).map_err(|error| Error::from_sdk("delete", &key, error))
    }
}
