//! Which checksums an upload asks for, and whether the content has them.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use http::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, PutObjectInput};
use s3s::{S3Result, s3_error};

use super::store::Received;

/// The checksums of an upload: each may be announced with a value, or only by name when the value follows the body.
pub struct Expected {
    values: BTreeMap<&'static str, Option<String>>,
    md5: Option<String>,
}

const NAMES: [&str; 5] = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

impl Expected {
    /// Reads what the headers announce.
    pub fn new(input: &PutObjectInput, headers: &HeaderMap) -> Self {
        let given = [
            &input.checksum_crc32,
            &input.checksum_crc32c,
            &input.checksum_crc64nvme,
            &input.checksum_sha1,
            &input.checksum_sha256,
        ];
        let trailer = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let algorithm = input.checksum_algorithm.as_ref().map(|name| name.as_str().to_lowercase());
        let mut values = BTreeMap::new();
        for (name, value) in NAMES.into_iter().zip(given) {
            let trails = trailer.split(',').any(|header| header.trim() == format!("x-amz-checksum-{name}"));
            if value.is_some() || trails || algorithm.as_deref() == Some(name) {
                values.insert(name, value.clone());
            }
        }
        // S3 computes one itself when the uploader asks for none.
        if values.is_empty() {
            values.insert("crc64nvme", None);
        }
        Self { values, md5: input.content_md5.clone() }
    }

    /// What to compute while the content arrives.
    pub fn hasher(&self) -> ChecksumHasher {
        let wants = |name: &str| self.values.contains_key(name);
        ChecksumHasher {
            crc32: wants("crc32").then(Crc32::new),
            crc32c: wants("crc32c").then(Crc32c::new),
            sha1: wants("sha1").then(Sha1::new),
            sha256: wants("sha256").then(Sha256::new),
            crc64nvme: wants("crc64nvme").then(Crc64Nvme::new),
        }
    }

    /// Compares what arrived with what was announced, `trailers` included, and gives the checksums to keep.
    pub fn verify(&self, received: &Received, trailers: Option<&HeaderMap>) -> S3Result<BTreeMap<String, String>> {
        if let Some(md5) = &self.md5
            && BASE64_STANDARD.decode(md5).ok().as_deref() != Some(received.md5.as_slice())
        {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
        let mut kept = BTreeMap::new();
        for (name, value) in &self.values {
            let Some(actual) = value_of(&received.checksum, name) else { continue };
            let header = format!("x-amz-checksum-{name}");
            let trailing = trailers.and_then(|headers| headers.get(header)?.to_str().ok());
            for expected in value.as_deref().into_iter().chain(trailing) {
                if expected.trim() != actual {
                    return Err(s3_error!(
                        BadDigest,
                        "The {} you specified did not match the calculated checksum.",
                        name.to_uppercase()
                    ));
                }
            }
            kept.insert((*name).to_owned(), actual.to_owned());
        }
        Ok(kept)
    }
}

fn value_of<'checksum>(checksum: &'checksum Checksum, name: &str) -> Option<&'checksum str> {
    match name {
        "crc32" => checksum.checksum_crc32.as_deref(),
        "crc32c" => checksum.checksum_crc32c.as_deref(),
        "crc64nvme" => checksum.checksum_crc64nvme.as_deref(),
        "sha1" => checksum.checksum_sha1.as_deref(),
        _ => checksum.checksum_sha256.as_deref(),
    }
}
