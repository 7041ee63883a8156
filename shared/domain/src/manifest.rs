//! The manifest of a deployment: which path is which bytes. Immutable, one JSON object in the bucket per deployment.
//!
//! **One object per file.** A file that compresses well is stored as one object that holds its forms end to end: the
//! plain bytes, then brotli, then gzip. The object is named by the SHA-256 of all of it. So a changed file costs one
//! request to store, and each form is read with one range request.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{DeploymentId, FilePath, Sha256, Timestamp};

/// Most files of a deployment.
pub const MOST_FILES: usize = 20_000;
/// Most bytes of one file in its plain form.
pub const MOST_FILE_BYTES: u64 = 100 * 1024 * 1024;
/// Most bytes of a deployment, all files in their plain form.
pub const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// What a deployment serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format's version: 1.
    pub version: u32,
    /// The deployment it belongs to.
    pub deployment: DeploymentId,
    /// When the deployment was triggered.
    pub created_at: Timestamp,
    /// Every file by its path.
    pub files: BTreeMap<FilePath, File>,
}

/// One file: where its bytes are and what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Names the stored object.
    pub sha256: Sha256,
    /// Bytes of the stored object: all forms together.
    pub size: u64,
    /// The `Content-Type` to serve it with.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Bytes of the brotli form (RFC 7932), which follows the plain one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brotli: Option<u64>,
    /// Bytes of the gzip form (RFC 1952), which comes last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gzip: Option<u64>,
}

/// A content coding (RFC 9110 §8.4.1) in which a file can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The bytes as they are.
    Identity,
    /// `br`
    Brotli,
    /// `gzip`
    Gzip,
}

impl Encoding {
    /// The token of `Content-Encoding`; none for the identity.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Encoding::Identity => None,
            Encoding::Brotli => Some("br"),
            Encoding::Gzip => Some("gzip"),
        }
    }
}

impl File {
    /// Bytes of the plain form; `None` when the forms are larger than the object, which [`File::check`] refuses.
    pub fn plain_size(&self) -> Option<u64> {
        let packed = self.brotli.unwrap_or(0).checked_add(self.gzip.unwrap_or(0))?;
        self.size.checked_sub(packed)
    }

    /// Where the form in this coding lies within the stored object; `None` when it is not stored so.
    pub fn part(&self, encoding: Encoding) -> Option<Range<u64>> {
        let plain = self.plain_size()?;
        let brotli = self.brotli.unwrap_or(0);
        match encoding {
            Encoding::Identity => Some(0..plain),
            Encoding::Brotli => self.brotli.map(|size| plain..plain + size),
            Encoding::Gzip => self.gzip.map(|size| plain + brotli..plain + brotli + size),
        }
    }

    /// Whether the sizes agree with each other and the type is one a header can carry.
    pub fn check(&self) -> Result<(), &'static str> {
        match self.plain_size() {
            None => return Err("its compressed forms are larger than the whole object"),
            Some(plain) if plain > MOST_FILE_BYTES => return Err("it is larger than 100 MB, the most for one file"),
            Some(_) => {}
        }
        let printable = |byte: u8| (0x20..0x7f).contains(&byte);
        if self.content_type.is_empty() || self.content_type.len() > 255 || !self.content_type.bytes().all(printable) {
            return Err("its type is not a media type such as text/html");
        }
        Ok(())
    }
}
