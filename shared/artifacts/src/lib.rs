//! The artifacts bucket, and the only crate that names S3.
//!
//! | file | objects |
//! |---|---|
//! | `keys` | all key formats |
//! | `blobs` | the bytes of files, read by range |
//! | `presign` | addresses under which a client stores a blob |
//! | `manifests` | one per deployment, immutable |
//! | `pages` | parts of a manifest while it is uploaded |
//!
//! A role that reads needs `s3:ListBucket` besides `s3:GetObject`: without it S3 answers 403 for an object that does not
//! exist, and this crate does not guess that a refusal means absence.

mod blobs;
mod error;
mod keys;
mod manifests;
mod objects;
mod pages;
mod presign;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_types::SdkConfig;

pub use aws_sdk_s3::primitives::ByteStream;
pub use error::Error;

/// The bucket that holds blobs and manifests of all projects. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Artifacts {
    client: Client,
    bucket: String,
}

impl Artifacts {
    /// The bucket of this name, reached as `config` says.
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        let s3 = Builder::from(config)
            // An endpoint of one's own has no host name per bucket.
            .force_path_style(config.endpoint_url().is_some())
            // Blobs carry their SHA-256, which S3 verifies; a second checksum would only join the signed headers, and
            // one of a whole object cannot be verified on a range of it.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self { client: Client::from_conf(s3), bucket: bucket.into() }
    }
}
