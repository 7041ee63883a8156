//! CloudFront KeyValueStore: the data-plane API over one file per store.

mod protocol;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::Request;
use axum::response::Response;
use time::OffsetDateTime;

use super::{Error, durable};
use store::{Change, Refused, Store};

/// The key-value stores of one installation: written through the API, read by edge functions.
#[derive(Clone)]
pub struct KeyValueStores {
    stores: Arc<BTreeMap<String, RwLock<Store>>>,
}

/// What a store says of itself, to the API and to edge functions.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The version; every change makes a new one.
    pub etag: String,
    /// How many keys it holds.
    pub items: usize,
    /// Keys and values together, in bytes.
    pub bytes: usize,
    /// When it was made.
    pub created: OffsetDateTime,
    /// When it last changed.
    pub modified: OffsetDateTime,
}

impl KeyValueStores {
    /// Opens one store per ARN in `dir`, empty the first time.
    ///
    /// # Errors
    /// When the directory cannot be written or a store's file is damaged.
    pub fn open(dir: &Path, stores: &[String]) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::file("create", dir))?;
        durable::sweep(dir).map_err(Error::file("tidy", dir))?;
        let open = |arn: &String| Ok((arn.clone(), RwLock::new(Store::open(dir, arn)?)));
        Ok(Self { stores: Arc::new(stores.iter().map(open).collect::<Result<_, Error>>()?) })
    }

    /// Answers one request of the data-plane REST API.
    pub async fn handle(&self, request: Request) -> Response {
        protocol::answer(self, request).await
    }

    /// The value of `key`, if the store and the key exist.
    pub fn get(&self, arn: &str, key: &str) -> Option<String> {
        self.read(arn, |store| store.get(key).map(str::to_owned)).flatten()
    }

    /// What the store says of itself, if it exists.
    pub fn summary(&self, arn: &str) -> Option<Summary> {
        self.read(arn, Store::summary)
    }

    /// Up to `limit` pairs after the key `after`.
    fn page(&self, arn: &str, after: Option<&str>, limit: usize) -> Option<Vec<(String, String)>> {
        self.read(arn, |store| store.page(after, limit))
    }

    /// Applies a change if the store is still at version `expected`; durable when it returns. Blocks.
    fn change(&self, arn: &str, expected: &str, change: &Change) -> Result<Summary, Refused> {
        let store = self.stores.get(arn).ok_or(Refused::NoStore)?;
        // A store is replaced whole, so a panic while the lock was held left none half changed.
        let mut store = store.write().unwrap_or_else(PoisonError::into_inner);
        store.change(expected, change)?;
        Ok(store.summary())
    }

    fn read<T>(&self, arn: &str, read: impl FnOnce(&Store) -> T) -> Option<T> {
        let store = self.stores.get(arn)?;
        Some(read(&store.read().unwrap_or_else(PoisonError::into_inner)))
    }
}
