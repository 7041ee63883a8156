//! The CloudFront KeyValueStore. The only file that names it.

use aws_sdk_cloudfrontkeyvaluestore::Client;
use aws_sdk_cloudfrontkeyvaluestore::error::DisplayErrorContext;
use aws_types::SdkConfig;
use domain::{Error, Project};
use serde_json::json;

/// The store that the edge function reads.
#[derive(Debug, Clone)]
pub(crate) struct EdgeStore {
    client: Client,
    arn: String,
}

/// How a write ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is written.
    Done,
    /// The store has changed since its ETag was read.
    Stale,
}

impl EdgeStore {
    pub(crate) fn new(config: &SdkConfig, arn: String) -> Self {
        Self { client: Client::new(config), arn }
    }

    /// The version of the whole store.
    pub(crate) async fn etag(&self) -> Result<String, Error> {
        let answer = self.client.describe_key_value_store().kvs_arn(&self.arn).send().await;
        Ok(answer.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?.e_tag().to_owned())
    }

    /// Writes the project's key: `{"p": project, "d": live deployment or ""}`, the form that edge/viewer-request.js reads.
    pub(crate) async fn put(&self, project: &Project, etag: String) -> Result<Put, Error> {
        let live = project.live.map(|live| live.deployment.to_string()).unwrap_or_default();
        let value = json!({ "p": project.id, "d": live }).to_string();
        let request = self.client.put_key().kvs_arn(&self.arn).key(project.slug.as_str()).value(value).if_match(etag);
        match request.send().await {
            Ok(_) => Ok(Put::Done),
            Err(error) if error.as_service_error().is_some_and(|service| service.is_conflict_exception()) => {
                Ok(Put::Stale)
            }
            Err(error) => Err(Error::unavailable(DisplayErrorContext(&error))),
        }
    }
}
