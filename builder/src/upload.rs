//! The upload protocol's client side: pages of the manifest, then only the bytes that are missing, then the commit.

mod put;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use domain::deployment::{Failure, FailureCode};
use domain::upload::{Blob, Commitment, MOST_ENTRIES, MOST_URLS, ManifestPage, SignedPut, UrlsRequest};

use crate::api::Api;
use crate::http::HttpError;
use crate::output::Packed;

const PARALLEL: usize = 8;

/// What an upload came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploaded {
    /// Files of the deployment.
    pub files: usize,
    /// Objects that had to be sent.
    pub sent: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Says what the deployment is made of and uploads what is missing of it.
pub fn upload(api: &Api, packed: &[Packed]) -> Result<Uploaded, Failure> {
    let missing = missing(api, packed)?;
    for batch in missing.chunks(MOST_URLS) {
        let signed = sign(api, batch)?;
        put_all(api, batch, signed)?;
    }
    let bytes = missing.iter().map(|packed| packed.entry.file.size).sum();
    Ok(Uploaded { files: packed.len(), sent: missing.len(), bytes })
}

/// Makes this many uploaded files a deployment.
pub fn commit(api: &Api, files: usize) -> Result<(), Failure> {
    api.commit(&Commitment { pages: files.div_ceil(MOST_ENTRIES) as u32, files: files as u32 }).map_err(failed)
}

/// One file for each object that the bucket has not.
fn missing<'a>(api: &Api, packed: &'a [Packed]) -> Result<Vec<&'a Packed>, Failure> {
    let pages = packed.len().div_ceil(MOST_ENTRIES) as u32;
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for (page, files) in packed.chunks(MOST_ENTRIES).enumerate() {
        let entries = files.iter().map(|packed| packed.entry.clone()).collect();
        let answer = api.manifest(&ManifestPage { page: page as u32, pages, entries }).map_err(failed)?;
        for index in answer.missing {
            let Some(packed) = files.get(index as usize) else {
                return Err(broken(format!("the API asked for file {index} of a page with {}", files.len())));
            };
            // Equal bytes may be on several pages.
            if seen.insert(packed.entry.file.sha256) {
                all.push(packed);
            }
        }
    }
    Ok(all)
}

fn sign(api: &Api, batch: &[&Packed]) -> Result<Vec<SignedPut>, Failure> {
    let blob = |packed: &&Packed| Blob { sha256: packed.entry.file.sha256, size: packed.entry.file.size };
    let urls = api.urls(&UrlsRequest { blobs: batch.iter().map(blob).collect() }).map_err(failed)?;
    if urls.uploads.len() != batch.len() {
        return Err(broken(format!("the API gave {} addresses for {} files", urls.uploads.len(), batch.len())));
    }
    Ok(urls.uploads)
}

fn put_all(api: &Api, batch: &[&Packed], signed: Vec<SignedPut>) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let first_error = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..PARALLEL.min(batch.len()) {
            scope.spawn(|| {
                while first_error.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(packed), Some(signed)) = (batch.get(index), signed.get(index)) else { break };
                    if let Err(failure) = one(api, packed, signed) {
                        first_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
                    }
                }
            });
        }
    });
    first_error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

fn one(api: &Api, packed: &Packed, signed: &SignedPut) -> Result<(), Failure> {
    let failed = |error: HttpError| broken(format!("{} could not be uploaded: {error}", packed.entry.path));
    match put::put(api.agent(), packed, signed) {
        // An address lives for 15 minutes; a large deployment over a slow line outlives it.
        Err(error) if matches!(error.status(), Some(400 | 401 | 403)) => {
            let again = sign(api, &[packed])?;
            let Some(again) = again.first() else { return Err(failed(error)) };
            put::put(api.agent(), packed, again).map_err(failed)
        }
        other => other.map_err(failed),
    }
}

fn failed(error: HttpError) -> Failure {
    broken(error.to_string())
}

fn broken(message: String) -> Failure {
    Failure::new(FailureCode::UploadFailed, message)
}
