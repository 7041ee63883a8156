use artifacts::Error;
use domain::manifest::File;
use domain::upload::Entry;
use domain::{Manifest, Sha256, Timestamp};

use crate::s3::{S3, deployment, other_project, project};

fn file(bytes: &[u8]) -> File {
    let content_type = "text/html".to_owned();
    File { sha256: Sha256::of(bytes), size: bytes.len() as u64, content_type, brotli: None, gzip: None }
}

fn manifest(bytes: &[u8]) -> Manifest {
    let files = [("index.html".parse().unwrap(), file(bytes))].into();
    Manifest { version: 1, deployment: deployment(), created_at: Timestamp::from_millis(1), files }
}

#[tokio::test]
async fn a_manifest_is_stored_once_and_may_be_stored_again_unchanged() {
    let s3 = S3::start().await;
    let artifacts = s3.artifacts();
    assert_eq!(artifacts.manifest(project(), deployment()).await.unwrap(), None);
    artifacts.put_manifest(project(), &manifest(b"one")).await.unwrap();
    artifacts.put_manifest(project(), &manifest(b"one")).await.unwrap();
    let result = artifacts.put_manifest(project(), &manifest(b"two")).await;
    assert!(matches!(result, Err(Error::Conflict { .. })), "{result:?}");
    assert_eq!(artifacts.manifest(project(), deployment()).await.unwrap(), Some(manifest(b"one")));
    assert_eq!(artifacts.manifest(other_project(), deployment()).await.unwrap(), None);
}

#[tokio::test]
async fn an_object_in_another_format_is_damaged_and_not_absent() {
    let s3 = S3::start().await;
    s3.place(&format!("projects/{}/manifests/{}", project(), deployment()), b"{");
    let result = s3.artifacts().manifest(project(), deployment()).await;
    assert!(matches!(result, Err(Error::Damaged { .. })), "{result:?}");
}

#[tokio::test]
async fn pages_are_replaced_read_and_deleted() {
    let s3 = S3::start().await;
    let artifacts = s3.artifacts();
    let entries = |bytes| vec![Entry { path: "a.html".parse().unwrap(), file: file(bytes) }];
    for (page, bytes) in [(0, b"one"), (1, b"two"), (1, b"new")] {
        artifacts.put_manifest_page(project(), deployment(), page, &entries(bytes)).await.unwrap();
    }
    assert_eq!(artifacts.manifest_page(project(), deployment(), 1).await.unwrap(), Some(entries(b"new")));
    artifacts.delete_manifest_pages(project(), deployment(), 0).await.unwrap();
    artifacts.delete_manifest_pages(project(), deployment(), 2).await.unwrap();
    assert_eq!(artifacts.manifest_page(project(), deployment(), 0).await.unwrap(), None);
    assert_eq!(artifacts.manifest_page(project(), deployment(), 1).await.unwrap(), None);
}

#[tokio::test]
async fn a_deleted_manifest_is_gone_and_deleting_it_again_succeeds() {
    let s3 = S3::start().await;
    let artifacts = s3.artifacts();
    let manifest = manifest(b"one");
    artifacts.put_manifest(project(), &manifest).await.unwrap();
    artifacts.delete_manifest(project(), deployment()).await.unwrap();
    artifacts.delete_manifest(project(), deployment()).await.unwrap();
    assert_eq!(artifacts.manifest(project(), deployment()).await.unwrap(), None);
}
