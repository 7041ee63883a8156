//! `POST commit`: every blob is there; the pages become the manifest, the manifest makes the deployment ready.

mod verify;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State as FromState;
use domain::manifest::{MOST_BYTES, MOST_FILES, Manifest};
use domain::upload::{Commitment, Entry};
use domain::{Deployment, Error, Status, secret};
use http::StatusCode;
use store::Applied;
use tokio::time::Instant;
use web::{Problem, random};

use crate::State;
use crate::body::Compressed;
use crate::builder::Builder;
use crate::known::known_blobs;
use crate::manifest::MOST_PAGES;

/// How long one call verifies blobs before it asks to be repeated; the function itself has 29 seconds.
const PATIENCE: Duration = Duration::from_secs(15);

/// Commits: 200 when the deployment is ready, 202 when there are blobs left to verify and the call is to be repeated.
/// Repeating it after success answers 200 again.
pub(crate) async fn commit(
    FromState(state): FromState<State>,
    Builder(deployment): Builder,
    Compressed(commitment): Compressed<Commitment>,
) -> Result<StatusCode, Problem> {
    if deployment.status == Status::Ready {
        return Ok(StatusCode::OK);
    }
    let deployment = Builder(deployment).open()?;
    let until = Instant::now() + PATIENCE;
    let pages = pages(&state, &deployment, &commitment).await?;
    let known = known_blobs(&state, &deployment).await?;
    if !verify::verify(&state, &deployment, &pages, &known, until).await? {
        return Ok(StatusCode::ACCEPTED);
    }
    let manifest = manifest_of(&deployment, pages, &commitment)?;
    store_manifest(&state, &manifest, &deployment).await?;
    finish(&state, &deployment).await?;
    clean_up(&state, &deployment, commitment.pages).await;
    Ok(StatusCode::OK)
}

async fn pages(state: &State, deployment: &Deployment, commitment: &Commitment) -> Result<Vec<Vec<Entry>>, Error> {
    if commitment.pages == 0 || commitment.pages > MOST_PAGES {
        return Err(Error::LimitExceeded(format!("a manifest has 1 to {MOST_PAGES} pages")));
    }
    let mut pages = Vec::new();
    for number in 0..commitment.pages {
        let page = state.artifacts.manifest_page(deployment.project, deployment.id, number).await;
        let page = page.map_err(Error::unavailable)?;
        let missing = || Error::UploadIncomplete(format!("page {number} of the manifest was not sent"));
        pages.push(page.ok_or_else(missing)?);
    }
    Ok(pages)
}

fn manifest_of(deployment: &Deployment, pages: Vec<Vec<Entry>>, commitment: &Commitment) -> Result<Manifest, Error> {
    let entries: Vec<Entry> = pages.into_iter().flatten().collect();
    let (count, bytes) = (entries.len(), entries.iter().filter_map(|entry| entry.file.plain_size()).sum::<u64>());
    if count != commitment.files as usize {
        return Err(Error::UploadIncomplete(format!("{} files were announced, {count} were sent", commitment.files)));
    }
    if count == 0 || count > MOST_FILES || bytes > MOST_BYTES {
        return Err(Error::LimitExceeded(format!(
            "a deployment has 1 to {MOST_FILES} files and at most 1 GB; this one has {count} files and {bytes} bytes"
        )));
    }
    let files: BTreeMap<_, _> = entries.into_iter().map(|entry| (entry.path, entry.file)).collect();
    if files.len() != count {
        return Err(Error::Invalid("the manifest names a path twice".into()));
    }
    // Not the present moment: a repeated commit has to write the very same bytes.
    Ok(Manifest { version: 1, deployment: deployment.id, created_at: deployment.created_at, files })
}

/// The first manifest is stored under the condition that there is none. One that is there already and differs was left
/// by an attempt whose task was lost before the deployment was ready: nobody was promised anything of it.
async fn store_manifest(state: &State, manifest: &Manifest, deployment: &Deployment) -> Result<(), Error> {
    let stored = match state.artifacts.put_manifest(deployment.project, manifest).await {
        Err(artifacts::Error::Conflict { .. }) if deployment.attempt > 1 => {
            state.artifacts.replace_manifest(deployment.project, manifest).await
        }
        stored => stored,
    };
    match stored {
        Ok(()) => Ok(()),
        Err(artifacts::Error::Conflict { .. }) => {
            Err(Error::NotNow("this deployment was committed with other files already; make a new one".into()))
        }
        Err(other) => Err(Error::unavailable(other)),
    }
}

async fn finish(state: &State, deployment: &Deployment) -> Result<(), Error> {
    let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
    let now = (state.clock)();
    let applied = state.deployments.committed(&state.projects, deployment, &ticket, now).await?;
    match applied {
        Applied::Moved { deployment, live, .. } => {
            let mut told = vec![bus::Event::status_of(&deployment)];
            told.extend(live.map(|project| bus::Event::ProjectEdge { project: project.id }));
            state.tell(&told).await;
            Ok(())
        }
        Applied::Stale(now) if now.status == Status::Ready => Ok(()),
        Applied::Stale(now) if !now.status.is_terminal() => {
            // The manifest is left alone: it may be the next attempt's by now.
            Err(Error::NotNow("this build's task was given up, and another one builds the deployment".into()))
        }
        Applied::Stale(now) => {
            // It was canceled while its blobs were verified: without its manifest nothing of it is served.
            state.artifacts.delete_manifest(deployment.project, deployment.id).await.map_err(Error::unavailable)?;
            Err(Error::NotNow(format!("the deployment is {} already", now.status.name())))
        }
        Applied::Early => Err(Error::Contended),
    }
}

/// The pages have become the manifest; if they stay, the bucket's lifecycle is not in the way of anything.
async fn clean_up(state: &State, deployment: &Deployment, pages: u32) {
    if let Err(error) = state.artifacts.delete_manifest_pages(deployment.project, deployment.id, pages).await {
        tracing::warn!(%error, "the pages of a committed manifest were not deleted");
    }
}

impl State {
    /// Tells the account; a failure is logged and no more, because the sweeper repeats what matters.
    pub(crate) async fn tell(&self, events: &[bus::Event]) {
        if let Err(error) = self.bus.send(events).await {
            tracing::warn!(%error, "an event was not sent");
        }
    }
}
