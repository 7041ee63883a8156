//! Which blobs a project certainly has: those that committed, kept manifests name. So an unchanged file of a redeploy
//! costs no request to S3.

use std::collections::HashSet;

use domain::{Deployment, DeploymentId, Error, Sha256, Status};

use crate::State;

/// How far back a ready deployment is looked for.
const LOOK_BACK: u8 = 10;

/// The blobs of the live deployment and of the newest ready one, which are the two that a new build resembles most.
pub(crate) async fn known_blobs(state: &State, deployment: &Deployment) -> Result<HashSet<Sha256>, Error> {
    let project = state.projects.get(deployment.project).await?.ok_or(Error::NotFound("project"))?;
    let recent = state.deployments.list(deployment.project, None, LOOK_BACK).await?;
    let ready = recent.iter().find(|earlier| earlier.status == Status::Ready).map(|earlier| earlier.id);
    let live = project.live.map(|live| live.deployment);
    let mut blobs = HashSet::new();
    for id in live.into_iter().chain(ready.filter(|ready| Some(*ready) != live)) {
        blobs.extend(blobs_of(state, deployment, id).await?);
    }
    Ok(blobs)
}

async fn blobs_of(state: &State, deployment: &Deployment, id: DeploymentId) -> Result<Vec<Sha256>, Error> {
    let manifest = state.artifacts.manifest(deployment.project, id).await.map_err(Error::unavailable)?;
    Ok(manifest.map(|found| found.files.values().map(|file| file.sha256).collect()).unwrap_or_default())
}
