//! Addresses under which a client stores a blob without credentials of its own.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::upload::{Blob, SignedPut};
use domain::{ProjectId, Sha256};

use crate::error::Error;
use crate::{Artifacts, keys};

/// How long an address may be used.
const VALID: Duration = Duration::from_secs(15 * 60);

impl Artifacts {
    /// Signs the request that stores a blob, and no other: its hash, its size and that it is not there yet are signed
    /// headers, so S3 refuses other bytes (400), more or fewer (403) and a second write (412). Makes no request.
    pub async fn presign_put(&self, project: ProjectId, blob: Blob) -> Result<SignedPut, Error> {
        let key = keys::blob(project, &blob.sha256);
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| Error::unavailable("sign an address for", &key, source);
        let valid = PresigningConfig::expires_in(VALID).map_err(|error| failed(error.into()))?;
        let size = i64::try_from(blob.size).map_err(|error| failed(error.into()))?;
        let put = self.client.put_object().bucket(&self.bucket).key(&key);
        let put = put.checksum_sha256(base64_of(&blob.sha256)).content_length(size).if_none_match("*");
        let signed = put.presigned(valid).await.map_err(|error| failed(error.into()))?;
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(SignedPut { url: signed.uri().to_owned(), headers })
    }
}

/// As S3 writes checksums.
pub fn base64_of(sha256: &Sha256) -> String {
    STANDARD.encode(sha256.as_bytes())
}
