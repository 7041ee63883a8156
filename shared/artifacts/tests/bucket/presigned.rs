//! Presigned uploads, sent as a client of the upload protocol sends them.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::Sha256;
use domain::upload::{Blob, SignedPut};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::s3::{S3, blob_key, project};

fn blob(bytes: &[u8]) -> Blob {
    Blob { sha256: Sha256::of(bytes), size: bytes.len() as u64 }
}

/// Sends a signed request with this body; a header changed to `None` is left out.
async fn send(put: &SignedPut, body: &'static [u8], changes: &[(&str, Option<&str>)]) -> (u16, String) {
    let mut headers: BTreeMap<&str, &str> =
        put.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for (name, value) in changes {
        match value {
            Some(value) => headers.insert(name, value),
            None => headers.remove(name),
        };
    }
    let mut request = hyper::Request::put(&put.url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.body(Full::new(Bytes::from_static(body))).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&text).into_owned())
}

fn query(url: &str) -> BTreeMap<String, String> {
    let (_, query) = url.split_once('?').unwrap();
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    query.split('&').filter_map(pair).collect()
}

#[tokio::test]
async fn checksum_length_and_condition_are_signed_headers_and_nothing_else_is() {
    let s3 = S3::start().await;
    let put = s3.artifacts().presign_put(project(), blob(b"hello")).await.unwrap();
    let query = query(&put.url);
    let signed: Vec<&str> = query["X-Amz-SignedHeaders"].split("%3B").collect();
    assert_eq!(signed, ["content-length", "host", "if-none-match", "x-amz-checksum-sha256"]);
    assert_eq!(query["X-Amz-Expires"], "900");
    for name in query.keys() {
        let lower = name.to_ascii_lowercase();
        assert!(!lower.contains("checksum") && !lower.contains("if-none"), "{name} was hoisted to the query");
    }
    let expected = [
        ("content-length", "5"),
        ("if-none-match", "*"),
        ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(put.headers, BTreeMap::from(expected));
}

#[tokio::test]
async fn the_signed_request_stores_the_blob_once() {
    let s3 = S3::start().await;
    let artifacts = s3.artifacts();
    assert!(!artifacts.has_blob(project(), blob(b"hello")).await.unwrap());
    let put = artifacts.presign_put(project(), blob(b"hello")).await.unwrap();
    assert_eq!(send(&put, b"hello", &[]).await.0, 200);
    assert!(artifacts.has_blob(project(), blob(b"hello")).await.unwrap());
    assert!(!artifacts.has_blob(project(), Blob { size: 6, ..blob(b"hello") }).await.unwrap());
    assert_eq!(std::fs::read(s3.file(&blob_key(b"hello"))).unwrap(), b"hello");
    assert_eq!(send(&put, b"hello", &[]).await.0, 412);
}

#[tokio::test]
async fn other_bytes_of_the_same_length_are_refused() {
    let s3 = S3::start().await;
    let put = s3.artifacts().presign_put(project(), blob(b"hello")).await.unwrap();
    let (status, text) = send(&put, b"HELLO", &[]).await;
    assert_eq!(status, 400, "{text}");
    assert!(text.contains("BadDigest"), "{text}");
}

#[tokio::test]
async fn a_request_that_is_not_the_signed_one_is_refused() {
    let s3 = S3::start().await;
    let put = s3.artifacts().presign_put(project(), blob(b"hello")).await.unwrap();
    let other_hash = "x6ssY8PrsKQ+YXy0sTmjDKbPCd0QsGkLm2cVUYOVAgI=";
    let attempts: [&[(&str, Option<&str>)]; 5] = [
        &[("if-none-match", None)],
        &[("if-none-match", Some("\"x\""))],
        &[("x-amz-checksum-sha256", None)],
        &[("x-amz-checksum-sha256", Some(other_hash))],
        &[("content-length", Some("4"))],
    ];
    for attempt in attempts {
        let body: &'static [u8] = if attempt[0].0 == "content-length" { b"hell" } else { b"hello" };
        let (status, text) = send(&put, body, attempt).await;
        assert_eq!(status, 403, "{attempt:?}: {text}");
    }
    let elsewhere = put.url.replace(&Sha256::of(b"hello").to_string(), &Sha256::of(b"other").to_string());
    assert_eq!(send(&SignedPut { url: elsewhere, ..put.clone() }, b"hello", &[]).await.0, 403);
    assert!(!s3.file(&blob_key(b"hello")).exists());
}
