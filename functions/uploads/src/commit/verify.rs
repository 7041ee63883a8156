//! Looking at the bucket for the blobs that no committed manifest vouches for, page by page.

use std::collections::HashSet;

use domain::upload::{Blob, Entry};
use domain::{Deployment, Error, Sha256};
use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;

use crate::State;

/// Requests to S3 at the same time.
const AT_ONCE: usize = 64;

/// Verifies pages until all are (true) or the time is over (false). What was verified is remembered with the
/// deployment, so that a repeated call goes on where this one stopped.
pub(crate) async fn verify(
    state: &State,
    deployment: &Deployment,
    pages: &[Vec<Entry>],
    known: &HashSet<Sha256>,
    until: Instant,
) -> Result<bool, Error> {
    // One page is verified and committed in the same call; only longer uploads need marks.
    if let [page] = pages {
        return page_is_stored(state, deployment, page, known).await.map(|()| true);
    }
    let mut done = state.deployments.verified_pages(deployment.id).await?;
    for page in pages {
        let mark = Sha256::of(&serde_json::to_vec(page).map_err(Error::unavailable)?);
        if done.contains(&mark) {
            continue;
        }
        if Instant::now() > until {
            return Ok(false);
        }
        page_is_stored(state, deployment, page, known).await?;
        done.push(mark);
        state.deployments.set_verified_pages(deployment.id, &done, (state.clock)()).await?;
    }
    Ok(true)
}

async fn page_is_stored(
    state: &State,
    deployment: &Deployment,
    page: &[Entry],
    known: &HashSet<Sha256>,
) -> Result<(), Error> {
    let wanted: HashSet<Blob> = page
        .iter()
        .filter(|entry| !known.contains(&entry.file.sha256))
        .map(|entry| Blob { sha256: entry.file.sha256, size: entry.file.size })
        .collect();
    let mut answers = stream::iter(wanted)
        .map(|blob| async move { (blob, state.artifacts.has_blob(deployment.project, blob).await) })
        .buffer_unordered(AT_ONCE);
    while let Some((blob, found)) = answers.next().await {
        if !found.map_err(Error::unavailable)? {
            let path = page.iter().find(|entry| entry.file.sha256 == blob.sha256).map(|entry| entry.path.as_str());
            let path = path.unwrap_or_default();
            return Err(Error::UploadIncomplete(format!("the bytes of {path} were not uploaded, or not whole")));
        }
    }
    Ok(())
}
