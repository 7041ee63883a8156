//! Compressed forms between hashing and upload: one file on disk, so that memory stays flat for any deployment.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// An append-only file that many threads share.
#[derive(Debug)]
pub struct Spool {
    file: Arc<File>,
    end: Mutex<u64>,
}

/// Bytes in a spool.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    file: Arc<File>,
    at: u64,
    left: u64,
}

impl Spool {
    /// A new spool in this directory, readable by this process's user only.
    pub fn create(directory: &Path) -> io::Result<Self> {
        let path = directory.join("spool");
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        // Without a name it goes away with this process, however that ends.
        std::fs::remove_file(path)?;
        Ok(Self { file: Arc::new(file), end: Mutex::new(0) })
    }

    pub(super) fn append(&self, parts: &[&[u8]]) -> io::Result<Slice> {
        let length: u64 = parts.iter().map(|part| part.len() as u64).sum();
        let at = {
            let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
            let at = *end;
            *end += length;
            at
        };
        let mut offset = at;
        for part in parts {
            self.file.write_all_at(part, offset)?;
            offset += part.len() as u64;
        }
        Ok(Slice { file: self.file.clone(), at, left: length })
    }
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.file.read_at(&mut buffer[..most], self.at)?;
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}
