//! `POST manifest`: a page of entries; the answer says whose bytes are missing.

use std::collections::HashSet;

use axum::extract::State as FromState;
use domain::Error;
use domain::manifest::MOST_FILES;
use domain::upload::{Entry, MOST_ENTRIES, ManifestPage, Missing};
use web::{Json, Problem};

use crate::State;
use crate::body::Compressed;
use crate::builder::Builder;
use crate::known::known_blobs;

/// Stores a page and names what has to be uploaded. The same page again replaces itself.
pub(crate) async fn page(
    FromState(state): FromState<State>,
    builder: Builder,
    Compressed(page): Compressed<ManifestPage>,
) -> Result<Json<Missing>, Problem> {
    let deployment = builder.open()?;
    check(&page)?;
    let known = known_blobs(&state, &deployment).await?;
    let stored = state.artifacts.put_manifest_page(deployment.project, deployment.id, page.page, &page.entries);
    stored.await.map_err(Error::unavailable)?;
    let mut named = HashSet::new();
    let mut is_missing = |entry: &Entry| !known.contains(&entry.file.sha256) && named.insert(entry.file.sha256);
    let missing = (0u32..).zip(&page.entries).filter_map(|(index, entry)| is_missing(entry).then_some(index)).collect();
    Ok(Json(Missing { missing }))
}

/// Most pages a manifest can need.
pub(crate) const MOST_PAGES: u32 = MOST_FILES.div_ceil(MOST_ENTRIES) as u32;

fn check(page: &ManifestPage) -> Result<(), Error> {
    if page.pages == 0 || page.pages > MOST_PAGES || page.page >= page.pages {
        return Err(Error::LimitExceeded(format!("a manifest has 1 to {MOST_PAGES} pages, numbered from 0")));
    }
    if page.entries.len() > MOST_ENTRIES {
        return Err(Error::LimitExceeded(format!("a manifest page has at most {MOST_ENTRIES} entries")));
    }
    for entry in &page.entries {
        entry.file.check().map_err(|why| Error::Invalid(format!("the file {} cannot be stored: {why}", entry.path)))?;
    }
    Ok(())
}
