//! What can go wrong with the bucket.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// An operation on the bucket that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object.
    #[error("the artifacts bucket has no object {key}")]
    NotFound {
        /// The object's key.
        key: String,
    },
    /// Another object is already stored under a key whose object never changes.
    #[error("{key} is already stored with other content; it is immutable, so make a new deployment instead")]
    Conflict {
        /// The object's key.
        key: String,
    },
    /// The object is there but not in its format.
    #[error("{key} is not in the format that this version writes; deploy again")]
    Damaged {
        /// The object's key.
        key: String,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// S3 could not be reached, refused, or broke off, after the client's own retries.
    #[error("S3 did not {action} {key}; try again, and look at the source if it stays so")]
    Unavailable {
        /// What was tried: a verb.
        action: &'static str,
        /// The object's key.
        key: String,
        /// What the client said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    pub(crate) fn unavailable(
        action: &'static str,
        key: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unavailable { action, key: key.to_owned(), source: source.into() }
    }

    /// From a failed call. An absent bucket is not an absent object: it is a fault of the installation.
    pub(crate) fn from_sdk<E, R>(action: &'static str, key: &str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        match error.code() {
            Some("NoSuchKey" | "NotFound") => Self::NotFound { key: key.to_owned() },
            _ => Self::unavailable(action, key, error),
        }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Error::NotFound { .. })
    }
}

/// Turns an absent object into `None`.
pub(crate) fn optional<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
