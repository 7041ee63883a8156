//! The CloudFront KeyValueStore. The only file that names it.

use aws_sdk_cloudfrontkeyvaluestore::Client;
use aws_sdk_cloudfrontkeyvaluestore::config::Config;
use aws_sdk_cloudfrontkeyvaluestore::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sdk_cloudfrontkeyvaluestore::error::DisplayErrorContext;
use aws_smithy_types::endpoint::EndpointAuthScheme;
use aws_types::SdkConfig;
use domain::{Error, Project};
use serde_json::json;

/// The store that the edge function reads.
#[derive(Debug, Clone)]
pub(crate) struct EdgeStore {
    client: Client,
    arn: String,
}

/// Another AWS than Amazon's, as it was given. The SDK's own rule would put the account's number in front of its host,
/// and `000000000000.127.0.0.1` is no name.
#[derive(Debug)]
struct Elsewhere(String);

impl ResolveEndpoint for Elsewhere {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        let scheme = EndpointAuthScheme::with_capacity("sigv4a", 2)
            .put("signingName", "cloudfront-keyvaluestore".to_owned())
            .put("signingRegionSet", vec!["*".to_owned().into()]);
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).auth_scheme(scheme).build()))
    }
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
        let client = match config.endpoint_url() {
            None => Client::new(config),
            Some(url) => {
                let own = Config::from(config).to_builder().endpoint_resolver(Elsewhere(url.to_owned()));
                Client::from_conf(own.build())
            }
        };
        Self { client, arn }
    }

    /// The version of the whole store.
    pub(crate) async fn etag(&self) -> Result<String, Error> {
        let answer = self.client.describe_key_value_store().kvs_arn(&self.arn).send().await;
        Ok(answer.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?.e_tag().to_owned())
    }

    /// Writes the project's key: `{"p": project, "d": live deployment or "", "b": the one that was live before}`, the form
    /// that edge/viewer-request.js reads. Without one before there is no `b`.
    pub(crate) async fn put(&self, project: &Project, etag: String) -> Result<Put, Error> {
        let live = project.live.map(|live| live.deployment.to_string()).unwrap_or_default();
        let mut value = json!({ "p": project.id, "d": live });
        if let Some(before) = project.previous {
            value["b"] = json!(before.deployment);
        }
        let request =
            self.client.put_key().kvs_arn(&self.arn).key(project.slug.as_str()).value(value.to_string()).if_match(etag);
        match request.send().await {
            Ok(_) => Ok(Put::Done),
            Err(error) if error.as_service_error().is_some_and(|service| service.is_conflict_exception()) => {
                Ok(Put::Stale)
            }
            Err(error) => Err(Error::unavailable(DisplayErrorContext(&error))),
        }
    }
}
