//! One object as one file: the content first, so that ranges are plain offsets, then its description, then a footer
//! that says how long the description is. One file means one rename: content and description can never disagree.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use s3s::dto::Checksum;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

const MAGIC: &[u8; 8] = b"SLIPOBJ1";
const FOOTER: u64 = 12;

/// Everything about an object but its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Description {
    /// Length of the content in bytes.
    pub size: u64,
    /// MD5 of the content in hexadecimal, as S3 makes the ETag of a single PUT.
    pub etag: String,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub modified: OffsetDateTime,
    /// The checksums asked for at the upload, by the algorithm's name in lower case, in base64.
    pub checksums: BTreeMap<String, String>,
    /// What the uploader said about the content.
    #[serde(flatten)]
    pub headers: Headers,
}

/// Headers that S3 keeps with an object and gives back.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Headers {
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Content-Encoding`
    pub content_encoding: Option<String>,
    /// `Content-Disposition`
    pub content_disposition: Option<String>,
    /// `Content-Language`
    pub content_language: Option<String>,
    /// `Cache-Control`
    pub cache_control: Option<String>,
    /// `x-amz-meta-*`, without the prefix
    pub metadata: HashMap<String, String>,
}

impl Description {
    /// The checksums in the form of the protocol.
    pub fn checksum(&self) -> Checksum {
        let get = |name: &str| self.checksums.get(name).cloned();
        Checksum {
            checksum_crc32: get("crc32"),
            checksum_crc32c: get("crc32c"),
            checksum_crc64nvme: get("crc64nvme"),
            checksum_sha1: get("sha1"),
            checksum_sha256: get("sha256"),
            ..Checksum::default()
        }
    }
}

/// Writes what follows the content.
///
/// # Errors
/// What the file system reports.
pub fn finish(file: &mut File, description: &Description) -> io::Result<()> {
    let mut end = serde_json::to_vec(description)?;
    let length = u32::try_from(end.len()).map_err(io::Error::other)?;
    end.extend(length.to_le_bytes());
    end.extend(MAGIC);
    file.write_all(&end)?;
    file.sync_all()
}

/// Opens an object; the file stands at the first byte of the content.
///
/// # Errors
/// `NotFound` when there is none, `InvalidData` when the file is not one of ours.
pub fn open(path: &Path) -> io::Result<(File, Description)> {
    let file = File::open(path)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("{} is not a whole object", path.display()));
    let length = file.metadata()?.len();
    let mut footer = [0; FOOTER as usize];
    file.read_exact_at(&mut footer, length.checked_sub(FOOTER).ok_or_else(damaged)?)?;
    let (described, magic) = footer.split_at(4);
    if magic != MAGIC {
        return Err(damaged());
    }
    let described = u32::from_le_bytes(described.try_into().map_err(|_| damaged())?);
    let size = length.checked_sub(FOOTER + u64::from(described)).ok_or_else(damaged)?;
    let mut bytes = vec![0; described as usize];
    file.read_exact_at(&mut bytes, size)?;
    let description: Description = serde_json::from_slice(&bytes)?;
    if description.size != size {
        return Err(damaged());
    }
    Ok((file, description))
}

/// Copies the content of an opened object.
///
/// # Errors
/// What the file system reports.
pub fn copy(from: &mut File, size: u64, to: &mut File) -> io::Result<()> {
    let copied = io::copy(&mut from.take(size), to)?;
    if copied == size { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
