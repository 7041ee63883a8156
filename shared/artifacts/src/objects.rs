//! Whole JSON objects.

use aws_sdk_s3::error::ProvideErrorMetadata;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, optional};
use crate::{Artifacts, ByteStream};

/// Whether an object was written or was there before.
pub enum Written {
    /// It was written.
    New,
    /// Another write came first; nothing was changed.
    Already,
}

impl Artifacts {
    pub(crate) async fn read_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let answer = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let Some(object) = optional(answer.map_err(|error| Error::from_sdk("read", key, error)))? else {
            return Ok(None);
        };
        let bytes = object.body.collect().await.map_err(|error| Error::unavailable("read", key, error))?.into_bytes();
        serde_json::from_slice(&bytes).map(Some).map_err(|source| Error::Damaged { key: key.to_owned(), source })
    }

    pub(crate) async fn write_json<T: Serialize + ?Sized>(&self, key: &str, content: &T) -> Result<(), Error> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type("application/json");
        let answer = put.body(json(key, content)?).send().await;
        answer.map(drop).map_err(|error| Error::from_sdk("store", key, error))
    }

    /// Writes an object that must not exist yet.
    pub(crate) async fn create_json<T: Serialize + ?Sized>(&self, key: &str, content: &T) -> Result<Written, Error> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type("application/json");
        match put.if_none_match("*").body(json(key, content)?).send().await {
            Ok(_) => Ok(Written::New),
            // 412: it is there. 409: another conditional write is under way; whoever reads back sees how it ended.
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) => {
                Ok(Written::Already)
            }
            Err(error) => Err(Error::from_sdk("store", key, error)),
        }
    }
}

fn json<T: Serialize + ?Sized>(key: &str, content: &T) -> Result<ByteStream, Error> {
    let bytes = serde_json::to_vec(content).map_err(|source| Error::Damaged { key: key.to_owned(), source })?;
    Ok(ByteStream::from(bytes))
}
