//! S3: the protocol by the `s3s` crate, the storage our own.
//!
//! Why not `s3s-fs`: it leaves the wrong bytes in place after a BadDigest and knows no conditional reads. Here an
//! object becomes visible in one step, after its length and checksums were verified and its bytes synced.

mod checksums;
mod conditions;
mod host;
mod list;
mod names;
mod object;
mod read;
mod signed;
mod store;
#[cfg(test)]
mod tests;
mod walk;
mod write;

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::{
    Bucket, CopyObjectInput, CopyObjectOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput,
    DeleteObjectsOutput, GetBucketLocationInput, GetBucketLocationOutput, GetObjectInput, GetObjectOutput,
    HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
    ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput, Timestamp,
};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};
use tokio::task::spawn_blocking;

use super::Error;
use super::credentials::Credentials;
use store::Store;

/// The buckets of one installation, spoken to over the S3 protocol with verified signatures.
#[derive(Clone)]
pub struct S3 {
    service: S3Service,
}

impl S3 {
    /// Opens the storage in `dir`, with exactly `buckets` visible, and clears what a crash left unfinished.
    ///
    /// # Errors
    /// When the directory cannot be written or holds a damaged credentials seed.
    pub fn open(dir: &Path, buckets: &[String]) -> Result<Self, Error> {
        let credentials = Credentials::open(dir)?;
        let store = Arc::new(Store::open(dir, buckets)?);
        let mut builder = S3ServiceBuilder::new(Operations { store, buckets: buckets.to_vec() });
        builder.set_auth(Secrets(credentials));
        builder.set_host(host::BucketHosts(buckets.to_vec()));
        Ok(Self { service: builder.build() })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        if let Some(name) = signed::unsigned_header(&request) {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>There were \
                 headers present in the request which were not signed</Message><HeadersNotSigned>{name}\
                 </HeadersNotSigned></Error>"
            );
            return (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/xml")], body).into_response();
        }
        let request = request.map(s3s::Body::http_body_unsync);
        match self.service.call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                tracing::error!(?error, "an S3 request could not be answered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

struct Secrets(Credentials);

#[async_trait::async_trait]
impl S3Auth for Secrets {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        Ok(SecretKey::from(self.0.secret_for(access_key)))
    }
}

struct Operations {
    store: Arc<Store>,
    buckets: Vec<String>,
}

impl Operations {
    fn check(&self, bucket: &str) -> S3Result<()> {
        if self.buckets.iter().any(|known| known == bucket) {
            return Ok(());
        }
        Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }
}

/// What is not here answers NotImplemented, so that nothing seems to work that would not.
#[async_trait::async_trait]
impl s3s::S3 for Operations {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(write::put(&self.store, request).await?))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(read::get(&self.store, request.input).await?))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(read::head(&self.store, request.input).await?))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(write::copy(&self.store, &self.buckets, request.input).await?))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(write::delete(&self.store, request.input).await?))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(write::delete_all(&self.store, request.input).await?))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.check(&request.input.bucket)?;
        let store = self.store.clone();
        let page = spawn_blocking(move || list::list(&store, request.input)).await;
        Ok(S3Response::new(page.map_err(S3Error::internal_error)??))
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.check(&request.input.bucket)?;
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }

    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let bucket = |name: &String| Bucket {
            name: Some(name.clone()),
            creation_date: self.store.created(name).map(Timestamp::from),
            ..Bucket::default()
        };
        let buckets = Some(self.buckets.iter().map(bucket).collect());
        Ok(S3Response::new(ListBucketsOutput { buckets, ..ListBucketsOutput::default() }))
    }
}
