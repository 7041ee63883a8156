//! Files to stored objects: plain bytes, then the brotli form, then the gzip form, named by the hash of all of it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use domain::deployment::{Failure, FailureCode};
use domain::upload::Entry;
use domain::{Sha256, manifest};
use sha2::Digest;

use super::compress::{Compress, Forms, WORTHWHILE};
use super::content_type::{content_type, is_compressible};
use super::spool::Slice;
use super::{Found, Spool};

/// A build task has two CPUs.
const THREADS: usize = 2;

/// A file as it is stored.
#[derive(Debug)]
pub struct Packed {
    /// Its line of the manifest.
    pub entry: Entry,
    source: PathBuf,
    forms: Option<Slice>,
}

impl Packed {
    /// The stored object's bytes, from the beginning.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let plain = open(&self.source)?;
        Ok(match &self.forms {
            Some(forms) => Box::new(plain.chain(forms.clone())),
            None => Box::new(plain),
        })
    }
}

/// Hashes and compresses all files, in their order.
pub fn pack(found: &[Found], spool: &Spool) -> Result<Vec<Packed>, Failure> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((index, file)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            found.get(index).map(|file| (index, file))
        } {
            done.push((index, one(file, spool)));
        }
        done
    };
    let mut all = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect::<Vec<_>>()
    });
    all.sort_by_key(|(index, _)| *index);
    if all.len() != found.len() {
        return Err(Failure::new(FailureCode::UploadFailed, "a file could not be compressed; please report this"));
    }
    all.into_iter()
        .map(|(index, packed)| {
            packed.map_err(|error| {
                Failure::new(FailureCode::OutputRefused, format!("{} cannot be read: {error}", found[index].path))
            })
        })
        .collect()
}

fn one(found: &Found, spool: &Spool) -> io::Result<Packed> {
    let media = content_type(found.path.as_str());
    let mut file = open(&found.source)?;
    let mut hash = sha2::Sha256::new();
    let mut compress = (found.size > WORTHWHILE && is_compressible(&media)).then(|| Compress::new(found.size, &media));
    let mut buffer = vec![0; 64 * 1024];
    let mut plain = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        plain += read as u64;
        hash.update(&buffer[..read]);
        if let Some(compress) = &mut compress {
            compress.write(&buffer[..read])?;
        }
    }
    if plain != found.size {
        return Err(io::Error::other("it changed while it was read"));
    }
    let Forms { brotli, gzip } = compress.map(|compress| compress.finish(plain)).transpose()?.unwrap_or_default();
    let forms: Vec<&[u8]> = [&brotli, &gzip].into_iter().flatten().map(Vec::as_slice).collect();
    for form in &forms {
        hash.update(form);
    }
    let slice = if forms.is_empty() { None } else { Some(spool.append(&forms)?) };
    let length = |form: &Option<Vec<u8>>| form.as_ref().map(|form| form.len() as u64);
    let file = manifest::File {
        sha256: Sha256::from_bytes(hash.finalize().into()),
        size: plain + length(&brotli).unwrap_or(0) + length(&gzip).unwrap_or(0),
        content_type: media,
        brotli: length(&brotli),
        gzip: length(&gzip),
    };
    Ok(Packed { entry: Entry { path: found.path.clone(), file }, source: found.source.clone(), forms: slice })
}

fn open(path: &std::path::Path) -> io::Result<File> {
    // The walk has resolved links; one that appears now was put there by nobody who should.
    OpenOptions::new().read(true).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32).open(path)
}

#[cfg(test)]
mod tests;
