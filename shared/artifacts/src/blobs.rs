//! The bytes of files.

use std::ops::Range;

use aws_sdk_s3::types::ChecksumMode;
use domain::upload::Blob;
use domain::{ProjectId, Sha256};

use crate::error::{Error, optional};
use crate::presign::base64_of;
use crate::{Artifacts, ByteStream, keys};

impl Artifacts {
    /// Streams these bytes of a blob. The stream ends with an error if S3 breaks off before the last of them; it never
    /// just ends early. [`Error::NotFound`] if there is no such blob.
    pub async fn blob(&self, project: ProjectId, sha256: &Sha256, range: Range<u64>) -> Result<ByteStream, Error> {
        if range.is_empty() {
            return Ok(ByteStream::default());
        }
        let key = keys::blob(project, sha256);
        let header = format!("bytes={}-{}", range.start, range.end - 1);
        let answer = self.client.get_object().bucket(&self.bucket).key(&key).range(header).send().await;
        let object = answer.map_err(|error| Error::from_sdk("read", &key, error))?;
        // The client of HTTP checks the stream against its announced length; so that length has to be the right one.
        if object.content_length.and_then(|length| u64::try_from(length).ok()) != Some(range.end - range.start) {
            let told = format!("{} bytes were announced for the range {range:?}", object.content_length.unwrap_or(-1));
            return Err(Error::unavailable("read", &key, told));
        }
        Ok(object.body)
    }

    /// Whether a blob is stored with these very bytes: its size and the checksum that S3 verified when it was stored.
    pub async fn has_blob(&self, project: ProjectId, blob: Blob) -> Result<bool, Error> {
        let key = keys::blob(project, &blob.sha256);
        let head = self.client.head_object().bucket(&self.bucket).key(&key).checksum_mode(ChecksumMode::Enabled);
        let answer = head.send().await.map_err(|error| Error::from_sdk("look for", &key, error));
        let Some(object) = optional(answer)? else { return Ok(false) };
        let same_size = object.content_length.and_then(|length| u64::try_from(length).ok()) == Some(blob.size);
        let same_bytes = object.checksum_sha256.as_deref() == Some(base64_of(&blob.sha256).as_str());
        Ok(same_size && same_bytes)
    }
}
