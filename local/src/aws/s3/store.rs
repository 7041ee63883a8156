//! Objects on disk: nothing is visible before it is whole, checked and synced.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use md5::{Digest, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::dto::Checksum;
use tempfile::NamedTempFile;
use tokio::sync::mpsc::Receiver;

use super::object::{self, Description};
use super::{names, walk::Walk};
use crate::aws::{Error, durable};

/// Writers of one key take turns, so that a condition and the write it guards are one step.
const TURNS: usize = 64;

/// The directories of an S3.
pub struct Store {
    objects: PathBuf,
    unfinished: PathBuf,
    turns: [Mutex<()>; TURNS],
}

/// Content that arrived but is not yet an object; dropping it leaves no trace.
pub struct Received {
    file: NamedTempFile,
    /// Bytes that arrived.
    pub size: u64,
    /// MD5 of them.
    pub md5: [u8; 16],
    /// The checksums that were asked for.
    pub checksum: Checksum,
}

/// What must hold for a key at the moment a write becomes visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match: *`
    Present,
    /// `If-Match` with this ETag
    Is(String),
}

/// Why a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The condition does not hold.
    #[error("the condition does not hold")]
    Condition,
    /// `If-Match` for a key that does not exist.
    #[error("there is no such key")]
    Missing,
    /// The file system refused.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Store {
    /// Opens the directories and removes what a crash left unfinished.
    pub fn open(dir: &Path, buckets: &[String]) -> Result<Self, Error> {
        let (objects, unfinished) = (dir.join("objects"), dir.join("unfinished"));
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(Error::file("empty", &unfinished))?;
        }
        fs::create_dir_all(&unfinished).map_err(Error::file("create", &unfinished))?;
        for bucket in buckets {
            let path = objects.join(bucket);
            fs::create_dir_all(&path).map_err(Error::file("create", &path))?;
        }
        durable::sync_directory(&objects)
            .or_else(|error| if buckets.is_empty() { Ok(()) } else { Err(Error::file("sync", &objects)(error)) })?;
        Ok(Self { objects, unfinished, turns: std::array::from_fn(|_| Mutex::new(())) })
    }

    fn bucket(&self, bucket: &str) -> PathBuf {
        self.objects.join(bucket)
    }

    fn path(&self, bucket: &str, key: &str) -> PathBuf {
        self.bucket(bucket).join(names::path_of(key))
    }

    fn turn(&self, path: &Path) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        // The lock guards no data, so a panic elsewhere spoils nothing.
        self.turns[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes `chunks` to a temporary file while hashing them. Blocks.
    pub fn receive(&self, mut chunks: Receiver<Bytes>, mut wanted: ChecksumHasher) -> io::Result<Received> {
        let mut file = NamedTempFile::new_in(&self.unfinished)?;
        let (mut md5, mut size) = (Md5::new(), 0);
        while let Some(chunk) = chunks.blocking_recv() {
            file.write_all(&chunk)?;
            md5.update(&chunk);
            wanted.update(&chunk);
            size += chunk.len() as u64;
        }
        Ok(Received { file, size, md5: md5.finalize().into(), checksum: wanted.finalize() })
    }

    /// A copy of an opened object's content, not yet visible. Blocks.
    pub fn duplicate(&self, source: &mut File, description: &Description) -> io::Result<Received> {
        let mut file = NamedTempFile::new_in(&self.unfinished)?;
        object::copy(source, description.size, file.as_file_mut())?;
        let mut md5 = [0; 16];
        hex::decode_to_slice(&description.etag, &mut md5).map_err(io::Error::other)?;
        Ok(Received { file, size: description.size, md5, checksum: description.checksum() })
    }

    /// Makes received content visible as `bucket`/`key`, durably, if `condition` holds then. Blocks.
    pub fn publish(
        &self,
        bucket: &str,
        key: &str,
        mut received: Received,
        description: &Description,
        condition: &Condition,
    ) -> Result<(), Refused> {
        object::finish(received.file.as_file_mut(), description)?;
        let path = self.path(bucket, key);
        let directory = parent(&path)?;
        self.create_directories(bucket, directory)?;
        let turn = self.turn(&path);
        match condition {
            // A hard link never replaces: of two racers exactly one makes the name.
            Condition::Absent => match fs::hard_link(received.file.path(), &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Refused::Condition),
                result => result?,
            },
            _ => {
                self.check(&path, condition)?;
                received.file.persist(&path).map_err(|error| error.error)?;
            }
        }
        drop(turn);
        durable::sync_directory(directory)?;
        Ok(())
    }

    /// Directories are never removed again, so making one and linking into it cannot race with a deletion.
    fn create_directories(&self, bucket: &str, directory: &Path) -> io::Result<()> {
        if directory.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(directory)?;
        let top = self.bucket(bucket);
        for parent in directory.ancestors().skip(1).take_while(|parent| parent.starts_with(&top)) {
            durable::sync_directory(parent)?;
        }
        Ok(())
    }

    fn check(&self, path: &Path, condition: &Condition) -> Result<(), Refused> {
        let wanted = match condition {
            Condition::Always | Condition::Absent => return Ok(()),
            Condition::Present => None,
            Condition::Is(etag) => Some(etag),
        };
        match object::open(path) {
            Ok((_, found)) if wanted.is_none_or(|etag| *etag == found.etag) => Ok(()),
            Ok(_) => Err(Refused::Condition),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Refused::Missing),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens an object for reading; `None` when there is none. Blocks.
    pub fn open_object(&self, bucket: &str, key: &str) -> io::Result<Option<(File, Description)>> {
        match object::open(&self.path(bucket, key)) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes an object durably, if there is one and `condition` holds. Blocks.
    pub fn delete(&self, bucket: &str, key: &str, condition: &Condition) -> Result<(), Refused> {
        let path = self.path(bucket, key);
        let _turn = self.turn(&path);
        self.check(&path, condition)?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(durable::sync_directory(parent(&path)?)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The keys of a bucket that begin with `prefix` and come after `after`, in order.
    pub fn walk(&self, bucket: &str, prefix: &str, after: &str) -> Walk {
        Walk::new(&self.bucket(bucket), prefix, after)
    }

    /// When a bucket was first opened here, as far as the file system remembers.
    pub fn created(&self, bucket: &str) -> Option<std::time::SystemTime> {
        let facts = fs::metadata(self.bucket(bucket)).ok()?;
        facts.created().or_else(|_| facts.modified()).ok()
    }
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
