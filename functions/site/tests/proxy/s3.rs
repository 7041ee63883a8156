//! An S3 of this process: the protocol of `s3s` over files in a temporary directory. What it sends is counted, and a test
//! may have it break off.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use artifacts::Artifacts;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use bytes::Bytes;
use domain::manifest::File;
use domain::{DeploymentId, Manifest, ProjectId, Sha256, Timestamp};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;
use tokio::net::TcpListener;

const BUCKET: &str = "artifacts";

/// A running server; its files vanish with it.
pub struct S3 {
    pub endpoint: String,
    pub traffic: Arc<Traffic>,
    directory: TempDir,
}

/// What the server has done, and what it shall do.
pub struct Traffic {
    pub requests: AtomicU64,
    /// Bytes of bodies handed to the network.
    pub sent: AtomicU64,
    /// A body longer than this breaks off after it.
    pub break_after: AtomicU64,
}

impl S3 {
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(directory.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("key", "secret"));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let traffic = Arc::new(Traffic { requests: 0.into(), sent: 0.into(), break_after: u64::MAX.into() });
        let watched = traffic.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (service, traffic) = (service.clone(), watched.clone());
                let service = service_fn(move |request: hyper::Request<Incoming>| {
                    traffic.requests.fetch_add(1, Ordering::SeqCst);
                    let (answer, traffic) = (Service::call(&service, request), traffic.clone());
                    async move { answer.await.map(|response| response.map(|inner| Watched { inner, sent: 0, traffic })) }
                });
                tokio::spawn(async move {
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { endpoint, traffic, directory }
    }

    pub fn artifacts(&self) -> Artifacts {
        artifacts_at(&self.endpoint)
    }

    /// Stores a deployment of files, each as (path, type, plain bytes, brotli bytes).
    pub async fn deploy(&self, deployment: DeploymentId, files: &[(&str, &str, &[u8], &[u8])]) {
        let files = files.iter().map(|(path, content_type, plain, brotli)| {
            let object = [*plain, *brotli].concat();
            let sha256 = Sha256::of(&object);
            self.place(&format!("projects/{}/blobs/{sha256}", project()), &object);
            let brotli = (!brotli.is_empty()).then_some(brotli.len() as u64);
            let content_type = (*content_type).to_owned();
            (path.parse().unwrap(), File { sha256, size: object.len() as u64, content_type, brotli, gzip: None })
        });
        let created_at = Timestamp::from_millis(0);
        let manifest = Manifest { version: 1, deployment, created_at, files: files.collect() };
        self.artifacts().put_manifest(project(), &manifest).await.unwrap();
    }

    fn place(&self, key: &str, bytes: &[u8]) {
        let path = self.directory.path().join(BUCKET).join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Removes all blobs, as nothing should ever do.
    pub fn lose_blobs(&self) {
        std::fs::remove_dir_all(self.directory.path().join(BUCKET).join(format!("projects/{}/blobs", project())))
            .unwrap();
    }
}

pub fn artifacts_at(endpoint: &str) -> Artifacts {
    let credentials = Credentials::new("key", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .build();
    Artifacts::new(&config, BUCKET)
}

pub fn project() -> ProjectId {
    "01arz3ndektsv4rrffq69g5fav".parse().unwrap()
}

pub fn deployment() -> DeploymentId {
    "01bx5zzkbkactav9wevgemmvrz".parse().unwrap()
}

pub fn other_deployment() -> DeploymentId {
    "01bx5zzkbkactav9wevgemmvs0".parse().unwrap()
}

struct Watched {
    inner: s3s::Body,
    sent: u64,
    traffic: Arc<Traffic>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.sent > self.traffic.break_after.load(Ordering::SeqCst) {
            return Poll::Ready(Some(Err("broken off, as the test asked".into())));
        }
        let frame = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            let length = frame.data_ref().map_or(0, |data| data.len() as u64);
            self.sent += length;
            self.traffic.sent.fetch_add(length, Ordering::SeqCst);
        }
        frame.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
