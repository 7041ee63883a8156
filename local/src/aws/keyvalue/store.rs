//! One store: its pairs in memory, its file replaced whole at every change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::Summary;
use crate::aws::{Error, clock, durable};

/// A key has at most this many bytes (CloudFront quotas).
const LARGEST_KEY: usize = 512;
/// A value has at most this many bytes (CloudFront quotas).
const LARGEST_VALUE: usize = 1024;
/// One update names at most this many keys (CloudFront quotas).
const LARGEST_UPDATE: usize = 50;
/// One update has at most this many bytes (CloudFront quotas).
const LARGEST_UPDATE_BYTES: usize = 3 << 20;
/// A store has at most this many bytes (CloudFront quotas).
const LARGEST_STORE: usize = 5 << 20;

/// Puts and deletes that happen together or not at all.
#[derive(Debug, Default)]
pub struct Change {
    /// Keys and their new values.
    pub puts: Vec<(String, String)>,
    /// Keys to remove; one that is not there is no error.
    pub deletes: Vec<String>,
}

/// Why a change did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No store of this ARN.
    #[error("the key value store was not found")]
    NoStore,
    /// `If-Match` names another version than the current one.
    #[error("the If-Match version {0} is not the current one: describe the store and try again")]
    Stale(String),
    /// The change breaks a rule.
    #[error("{0}")]
    Invalid(String),
    /// The change breaks a quota.
    #[error("{0}")]
    Quota(String),
    /// The file system refused.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// A store in memory and where it lives.
pub struct Store {
    path: PathBuf,
    state: State,
}

#[derive(Clone, Serialize, Deserialize)]
struct State {
    arn: String,
    etag: String,
    #[serde(with = "time::serde::rfc3339")]
    created: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    modified: OffsetDateTime,
    pairs: BTreeMap<String, String>,
}

impl State {
    fn bytes(&self) -> usize {
        self.pairs.iter().map(|(key, value)| key.len() + value.len()).sum()
    }
}

impl Store {
    /// Reads the store's file in `dir`, or makes an empty one.
    pub fn open(dir: &Path, arn: &str) -> Result<Self, Error> {
        // An ARN has characters that file names may not have.
        let path = dir.join(format!("{}.json", hex::encode(&Sha256::digest(arn)[..16])));
        match fs::read(&path) {
            Ok(bytes) => {
                let state: State = serde_json::from_slice(&bytes)
                    .map_err(|error| Error::Unreadable { path: path.clone(), reason: error.to_string() })?;
                Ok(Self { path, state })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (etag, now) = (version(), clock::now());
                let state = State { arn: arn.to_owned(), etag, created: now, modified: now, pairs: BTreeMap::new() };
                write(&path, &state).map_err(Error::file("write", &path))?;
                Ok(Self { path, state })
            }
            Err(error) => Err(Error::file("read", &path)(error)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.state.pairs.get(key).map(String::as_str)
    }

    /// Up to `limit` pairs after `after`, in the order of keys.
    pub fn page(&self, after: Option<&str>, limit: usize) -> Vec<(String, String)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let pairs = self.state.pairs.range::<str, _>((start, Bound::Unbounded));
        pairs.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Counts, sizes, version and times.
    pub fn summary(&self) -> Summary {
        Summary {
            etag: self.state.etag.clone(),
            items: self.state.pairs.len(),
            bytes: self.state.bytes(),
            created: self.state.created,
            modified: self.state.modified,
        }
    }

    /// Applies `change` if the version is still `expected`. The file is replaced before memory is: what a reader saw
    /// is never lost by a crash.
    pub fn change(&mut self, expected: &str, change: &Change) -> Result<(), Refused> {
        if expected != self.state.etag {
            return Err(Refused::Stale(expected.to_owned()));
        }
        check(change)?;
        let mut next = self.state.clone();
        for key in &change.deletes {
            next.pairs.remove(key);
        }
        next.pairs.extend(change.puts.iter().cloned());
        if next.bytes() > LARGEST_STORE {
            return Err(Refused::Quota(format!("a key value store holds at most {LARGEST_STORE} bytes")));
        }
        next.etag = version();
        next.modified = clock::now();
        write(&self.path, &next)?;
        self.state = next;
        Ok(())
    }
}

fn check(change: &Change) -> Result<(), Refused> {
    let names: Vec<_> = change.puts.iter().map(|(key, _)| key).chain(&change.deletes).collect();
    if names.is_empty() || names.len() > LARGEST_UPDATE {
        return Err(Refused::Invalid(format!("an update names 1 to {LARGEST_UPDATE} keys, this one {}", names.len())));
    }
    if let Some(key) = names.iter().find(|key| key.is_empty() || key.len() > LARGEST_KEY) {
        return Err(Refused::Invalid(format!("a key has 1 to {LARGEST_KEY} bytes, this one {}", key.len())));
    }
    if names.iter().collect::<BTreeSet<_>>().len() != names.len() {
        return Err(Refused::Invalid("an update names each key once".to_owned()));
    }
    if let Some((key, value)) = change.puts.iter().find(|(_, value)| value.len() > LARGEST_VALUE) {
        let length = value.len();
        return Err(Refused::Invalid(format!("the value of {key} has {length} bytes, at most {LARGEST_VALUE} fit")));
    }
    let bytes: usize = change.puts.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > LARGEST_UPDATE_BYTES {
        return Err(Refused::Invalid(format!("an update has at most {LARGEST_UPDATE_BYTES} bytes, this one {bytes}")));
    }
    Ok(())
}

fn version() -> String {
    format!("KV{}", clock::random_hex::<8>().to_uppercase())
}

fn write(path: &Path, state: &State) -> io::Result<()> {
    durable::replace(path, &serde_json::to_vec(state)?)
}
