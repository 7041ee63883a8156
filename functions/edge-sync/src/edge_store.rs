//! The CloudFront KeyValueStore. The only file that names it.

use aws_sdk_cloudfrontkeyvaluestore::Client;
use aws_sdk_cloudfrontkeyvaluestore::config::Config;
use aws_sdk_cloudfrontkeyvaluestore::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sdk_cloudfrontkeyvaluestore::error::DisplayErrorContext;
use aws_smithy_types::endpoint::EndpointAuthScheme;
use aws_types::SdkConfig;
use domain::{Error, Project, Slug, Timestamp};
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
pub(crate) enum Written {
    /// The store knows the project.
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

    /// Brings the project's keys up to date: one under its slug unless it is deleted, none under the slugs it had. All of
    /// it under one ETag after the other, so that a write in between is noticed.
    pub(crate) async fn write(&self, project: &Project, etag: String, now: Timestamp) -> Result<Written, Error> {
        let held = project.retired.iter().filter(|retired| retired.held_until > now).map(|retired| &retired.slug);
        let deleted = project.restorable_until().filter(|until| *until > now);
        let gone = held.chain(deleted.map(|_| &project.slug));
        let mut etag = Some(etag);
        for slug in gone {
            etag = match etag {
                Some(etag) => self.delete(slug, etag).await?,
                None => return Ok(Written::Stale),
            };
        }
        if let (Some(now), None) = (&etag, project.deleted_at) {
            etag = self.put(project, now.clone()).await?;
        }
        Ok(if etag.is_some() { Written::Done } else { Written::Stale })
    }

    /// Writes the project's key: `{"p": project, "d": live deployment or "", "b": the one that was live before}`, the form
    /// that edge/viewer-request.js reads. Without one before there is no `b`. Returns the store's next ETag, or none when
    /// it was not at this one.
    async fn put(&self, project: &Project, etag: String) -> Result<Option<String>, Error> {
        let live = project.live.map(|live| live.deployment.to_string()).unwrap_or_default();
        let mut value = json!({ "p": project.id, "d": live });
        if let Some(before) = project.previous {
            value["b"] = json!(before.deployment);
        }
        let value = value.to_string();
        let request = self.client.put_key().kvs_arn(&self.arn).key(project.slug.as_str()).value(value).if_match(etag);
        match request.send().await {
            Ok(answer) => Ok(Some(answer.e_tag().to_owned())),
            Err(error) if error.as_service_error().is_some_and(|service| service.is_conflict_exception()) => Ok(None),
            Err(error) => Err(Error::unavailable(DisplayErrorContext(&error))),
        }
    }

    /// Removes a slug's key, if there is one; answers like [`EdgeStore::put`].
    async fn delete(&self, slug: &Slug, etag: String) -> Result<Option<String>, Error> {
        let request = self.client.delete_key().kvs_arn(&self.arn).key(slug.as_str()).if_match(&etag);
        match request.send().await {
            Ok(answer) => Ok(Some(answer.e_tag().to_owned())),
            Err(error) => match error.as_service_error() {
                Some(service) if service.is_resource_not_found_exception() => Ok(Some(etag)),
                Some(service) if service.is_conflict_exception() => Ok(None),
                _ => Err(Error::unavailable(DisplayErrorContext(&error))),
            },
        }
    }
}
