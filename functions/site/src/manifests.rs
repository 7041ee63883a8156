//! Manifests in memory. They never change, so there is nothing to invalidate; what is missing is not remembered, because
//! it may be committed the next moment.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use artifacts::Artifacts;
use domain::{DeploymentId, Manifest, ProjectId};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

type Key = (ProjectId, DeploymentId);
type Loaded = Result<Option<Arc<Manifest>>, Arc<artifacts::Error>>;
type Loading = Shared<BoxFuture<'static, Loaded>>;

/// The most recently used manifests.
pub struct Manifests {
    artifacts: Artifacts,
    most: NonZeroUsize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    uses: u64,
    entries: HashMap<Key, Entry>,
}

struct Entry {
    last_use: u64,
    loading: Loading,
}

impl Manifests {
    /// Keeps at most this many.
    pub fn new(artifacts: Artifacts, most: NonZeroUsize) -> Self {
        Self { artifacts, most, kept: Mutex::default() }
    }

    /// The manifest of a deployment; `None` if it has none. Requests that come while it is being read wait for that one
    /// reading and share its outcome, be it an error.
    pub async fn get(&self, project: ProjectId, deployment: DeploymentId) -> Loaded {
        let key = (project, deployment);
        let loading = self.kept().use_or_load(key, self.most, || {
            let artifacts = self.artifacts.clone();
            async move { Ok(artifacts.manifest(project, deployment).await.map_err(Arc::new)?.map(Arc::new)) }.boxed()
        });
        let loaded = loading.clone().await;
        if !matches!(loaded, Ok(Some(_))) {
            self.kept().forget(key, &loading);
        }
        loaded
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Each method leaves the map whole, so a panic elsewhere does not spoil it.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn use_or_load(
        &mut self,
        key: Key,
        most: NonZeroUsize,
        load: impl FnOnce() -> BoxFuture<'static, Loaded>,
    ) -> Loading {
        self.uses += 1;
        if !self.entries.contains_key(&key) && self.entries.len() >= most.get() {
            // A scan, because there are few of them and each saves reading megabytes.
            if let Some(oldest) = self.entries.iter().min_by_key(|(_, entry)| entry.last_use).map(|(key, _)| *key) {
                self.entries.remove(&oldest);
            }
        }
        let entry = self.entries.entry(key).or_insert_with(|| Entry { last_use: 0, loading: load().shared() });
        entry.last_use = self.uses;
        entry.loading.clone()
    }

    /// Forgets this reading, but not a newer one.
    fn forget(&mut self, key: Key, loading: &Loading) {
        if self.entries.get(&key).is_some_and(|entry| entry.loading.ptr_eq(loading)) {
            self.entries.remove(&key);
        }
    }
}

impl fmt::Debug for Manifests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifests").field("most", &self.most).finish_non_exhaustive()
    }
}
