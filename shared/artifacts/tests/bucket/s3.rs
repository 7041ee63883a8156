//! An S3 of this process: the protocol of `s3s` over files in a temporary directory.

use std::path::PathBuf;

use artifacts::Artifacts;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_types::SdkConfig;
use domain::{DeploymentId, ProjectId, Sha256};
use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const BUCKET: &str = "artifacts";

/// A running server; its files vanish with it.
pub struct S3 {
    pub endpoint: String,
    directory: TempDir,
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
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { endpoint, directory }
    }

    pub fn artifacts(&self) -> Artifacts {
        Artifacts::new(&config(&self.endpoint, "secret"), BUCKET)
    }

    /// Where the server keeps an object.
    pub fn file(&self, key: &str) -> PathBuf {
        self.directory.path().join(BUCKET).join(key)
    }

    /// Stores an object behind the protocol's back.
    pub fn place(&self, key: &str, bytes: &[u8]) {
        std::fs::create_dir_all(self.file(key).parent().unwrap()).unwrap();
        std::fs::write(self.file(key), bytes).unwrap();
    }
}

pub fn config(endpoint: &str, secret: &str) -> SdkConfig {
    let credentials = Credentials::new("key", secret, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .endpoint_url(endpoint)
        .build()
}

pub fn project() -> ProjectId {
    "01arz3ndektsv4rrffq69g5fav".parse().unwrap()
}

pub fn other_project() -> ProjectId {
    "01arz3ndektsv4rrffq69g5faw".parse().unwrap()
}

pub fn deployment() -> DeploymentId {
    "01bx5zzkbkactav9wevgemmvrz".parse().unwrap()
}

pub fn blob_key(bytes: &[u8]) -> String {
    format!("projects/{}/blobs/{}", project(), Sha256::of(bytes))
}
