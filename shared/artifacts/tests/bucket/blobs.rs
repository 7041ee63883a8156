use artifacts::Error;
use domain::Sha256;
use domain::upload::Blob;

use crate::s3::{S3, blob_key, other_project, project};

#[tokio::test]
async fn a_range_of_a_blob_is_exactly_those_bytes() {
    let s3 = S3::start().await;
    s3.place(&blob_key(b"0123456789"), b"0123456789");
    for (range, expected) in [(0..10, "0123456789"), (3..5, "34"), (9..10, "9"), (4..4, "")] {
        let stream = s3.artifacts().blob(project(), &Sha256::of(b"0123456789"), range).await.unwrap();
        assert_eq!(stream.collect().await.unwrap().into_bytes(), expected);
    }
}

#[tokio::test]
async fn a_range_that_the_object_does_not_have_is_an_error_and_not_fewer_bytes() {
    let s3 = S3::start().await;
    s3.place(&blob_key(b"0123456789"), b"0123456789");
    let result = s3.artifacts().blob(project(), &Sha256::of(b"0123456789"), 5..20).await;
    assert!(matches!(result, Err(Error::Unavailable { .. })), "{result:?}");
}

#[tokio::test]
async fn an_absent_blob_is_not_found() {
    let s3 = S3::start().await;
    let result = s3.artifacts().blob(project(), &Sha256::of(b"x"), 0..1).await;
    assert!(matches!(result, Err(Error::NotFound { .. })), "{result:?}");
}

#[tokio::test]
async fn a_blob_of_one_project_is_absent_from_another() {
    let s3 = S3::start().await;
    s3.place(&blob_key(b"secret"), b"secret");
    let result = s3.artifacts().blob(other_project(), &Sha256::of(b"secret"), 0..6).await;
    assert!(matches!(result, Err(Error::NotFound { .. })), "{result:?}");
}

#[tokio::test]
async fn a_blob_without_a_verified_checksum_does_not_count_as_there() {
    let s3 = S3::start().await;
    s3.place(&blob_key(b"bytes"), b"bytes");
    let blob = Blob { sha256: Sha256::of(b"bytes"), size: 5 };
    assert!(!s3.artifacts().has_blob(project(), blob).await.unwrap());
}

#[tokio::test]
async fn an_unreachable_s3_is_unavailable_and_not_an_absent_object() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let artifacts = artifacts::Artifacts::new(&crate::s3::config(&endpoint, "secret"), crate::s3::BUCKET);
    let result = artifacts.manifest(project(), crate::s3::deployment()).await;
    assert!(matches!(result, Err(Error::Unavailable { .. })), "{result:?}");
}

#[tokio::test]
async fn wrong_credentials_are_unavailable_and_not_an_absent_object() {
    let s3 = S3::start().await;
    let artifacts = artifacts::Artifacts::new(&crate::s3::config(&s3.endpoint, "wrong"), crate::s3::BUCKET);
    let result = artifacts.has_blob(project(), Blob { sha256: Sha256::of(b"x"), size: 1 }).await;
    assert!(matches!(result, Err(Error::Unavailable { .. })), "{result:?}");
}
