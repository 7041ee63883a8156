use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, Delete, ObjectIdentifier};
use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use sha2::{Digest, Sha256};

use super::S3;
use crate::aws::credentials::Credentials;
use crate::aws::testing;

const BUCKET: &str = "blobs";

fn sha256(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

async fn endpoint(dir: &Path) -> String {
    let s3 = S3::open(dir, &[BUCKET.to_owned(), "other".to_owned()]).unwrap();
    testing::serve(move |request| {
        let s3 = s3.clone();
        async move { s3.handle(request).await }
    })
    .await
}

fn client_with(endpoint: &str, secret: &str) -> Client {
    let config = Builder::from(&testing::sdk(endpoint, "AKIATEST", secret)).force_path_style(true).build();
    Client::from_conf(config)
}

async fn client(dir: &Path) -> Client {
    let secret = Credentials::open(dir).unwrap().secret_for("AKIATEST");
    client_with(&endpoint(dir).await, &secret)
}

fn status<E, R>(error: &SdkError<E, R>) -> u16
where
    R: AsStatus,
{
    match error {
        SdkError::ServiceError(error) => error.raw().status(),
        SdkError::ResponseError(error) => error.raw().status(),
        _ => panic!("no answer"),
    }
}

trait AsStatus {
    fn status(&self) -> u16;
}

impl AsStatus for aws_sdk_s3::config::http::HttpResponse {
    fn status(&self) -> u16 {
        self.status().as_u16()
    }
}

async fn read(client: &Client, key: &str) -> Vec<u8> {
    let found = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    found.body.collect().await.unwrap().to_vec()
}

async fn keys(client: &Client) -> Vec<String> {
    let page = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    page.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_comes_back_with_what_was_said_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let put = s3
        .put_object()
        .bucket(BUCKET)
        .key("a/b.js")
        .body(ByteStream::from_static(b"hello"))
        .content_type("text/javascript")
        .content_encoding("br")
        .cache_control("max-age=60")
        .metadata("origin", "here")
        .checksum_sha256(sha256(b"hello"))
        .send()
        .await
        .unwrap();
    assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));

    for _ in 0..2 {
        // The second client speaks to a newly opened S3 over the same directory.
        let s3 = client(dir.path()).await;
        let head = s3.head_object().bucket(BUCKET).key("a/b.js").checksum_mode(ChecksumMode::Enabled);
        let head = head.send().await.unwrap();
        assert_eq!(head.checksum_sha256(), Some(sha256(b"hello").as_str()));
        assert_eq!(head.content_length(), Some(5));
        assert_eq!(head.content_type(), Some("text/javascript"));
        assert_eq!(head.content_encoding(), Some("br"));
        assert_eq!(head.cache_control(), Some("max-age=60"));
        assert_eq!(head.metadata().unwrap()["origin"], "here");
        assert_eq!(head.e_tag(), put.e_tag());
        assert!(head.last_modified().is_some());
        let plain = s3.head_object().bucket(BUCKET).key("a/b.js").send().await.unwrap();
        assert_eq!(plain.checksum_sha256(), None);
        assert_eq!(read(&s3, "a/b.js").await, b"hello");
    }
    let missing = s3.get_object().bucket(BUCKET).key("a").send().await.unwrap_err();
    assert!(missing.into_service_error().is_no_such_key());
    let missing = s3.head_object().bucket(BUCKET).key("a").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found());
    let unknown = s3.put_object().bucket("nothing").key("a").send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("NoSuchBucket"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_checksum_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let put = |body: &'static [u8]| {
        let put = s3.put_object().bucket(BUCKET).key("k").body(ByteStream::from_static(body));
        put.checksum_sha256(sha256(b"right")).if_none_match("*").send()
    };
    let refused = put(b"wrong").await.unwrap_err();
    assert_eq!((refused.code(), status(&refused)), (Some("BadDigest"), 400));
    let md5 = s3.put_object().bucket(BUCKET).key("k").body(ByteStream::from_static(b"x"));
    let refused = md5.content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("BadDigest"));
    assert!(keys(&s3).await.is_empty());
    assert_eq!(std::fs::read_dir(dir.path().join("unfinished")).unwrap().count(), 0);
    put(b"right").await.unwrap();
    assert_eq!(read(&s3, "k").await, b"right");
}

#[tokio::test(flavor = "multi_thread")]
async fn checksums_in_trailers_are_verified_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let path = dir.path().join("source");
    std::fs::write(&path, vec![7; 300_000]).unwrap();
    for algorithm in [ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc64Nvme] {
        let body = ByteStream::from_path(&path).await.unwrap();
        let put = s3.put_object().bucket(BUCKET).key("k").body(body).checksum_algorithm(algorithm);
        put.send().await.unwrap();
    }
    let body = ByteStream::from_path(&path).await.unwrap();
    let put = s3.put_object().bucket(BUCKET).key("k").body(body).checksum_algorithm(ChecksumAlgorithm::Sha256);
    put.send().await.unwrap();
    let found = s3.get_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(found.checksum_sha256(), Some(sha256(&[7; 300_000]).as_str()));
    assert_eq!(found.content_encoding(), None);
    assert_eq!(found.body.collect().await.unwrap().to_vec(), vec![7; 300_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_conditional_puts_on_one_key_exactly_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let racers: Vec<_> = (0..100)
        .map(|number| {
            let put = s3.put_object().bucket(BUCKET).key("deep/er/k").if_none_match("*");
            tokio::spawn(put.body(ByteStream::from(number.to_string().into_bytes())).send())
        })
        .collect();
    let mut won = Vec::new();
    for (number, racer) in racers.into_iter().enumerate() {
        match racer.await.unwrap() {
            Ok(_) => won.push(number.to_string()),
            Err(error) => assert_eq!((error.code(), status(&error)), (Some("PreconditionFailed"), 412)),
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(read(&s3, "deep/er/k").await, won[0].as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_replaces_only_what_the_writer_saw() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let put = |body: &'static str| {
        s3.put_object().bucket(BUCKET).key("pointer").body(ByteStream::from_static(body.as_bytes()))
    };
    let missing = put("1").if_match("\"x\"").send().await.unwrap_err();
    assert_eq!(status(&missing), 404);
    let first = put("1").send().await.unwrap();
    let second = put("2").if_match(first.e_tag().unwrap()).send().await.unwrap();
    let stale = put("3").if_match(first.e_tag().unwrap()).send().await.unwrap_err();
    assert_eq!(status(&stale), 412);
    let delete = |etag: &str| s3.delete_object().bucket(BUCKET).key("pointer").if_match(etag).send();
    assert_eq!(status(&delete(first.e_tag().unwrap()).await.unwrap_err()), 412);
    assert_eq!(read(&s3, "pointer").await, b"2");
    delete(second.e_tag().unwrap()).await.unwrap();
    assert!(keys(&s3).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_can_be_conditional_and_partial() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let bytes: Vec<u8> = (0..400_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let put = s3.put_object().bucket(BUCKET).key("k").body(ByteStream::from(bytes.clone())).send().await.unwrap();
    let get = || s3.get_object().bucket(BUCKET).key("k");
    let etag = put.e_tag().unwrap();
    let modified = *get().send().await.unwrap().last_modified().unwrap();
    assert_eq!(status(&get().if_none_match(etag).send().await.unwrap_err()), 304);
    assert_eq!(status(&get().if_modified_since(modified).send().await.unwrap_err()), 304);
    assert_eq!(status(&get().if_match("\"x\"").send().await.unwrap_err()), 412);
    get().if_match(etag).send().await.unwrap();
    get().if_none_match("\"x\"").send().await.unwrap();
    let head = s3.head_object().bucket(BUCKET).key("k").if_none_match(etag).send().await.unwrap_err();
    assert_eq!(status(&head), 304);

    let cases = [("bytes=0-0", 0..1), ("bytes=10-", 10..400_000), ("bytes=-5", 399_995..400_000)];
    for (range, span) in cases.into_iter().chain([("bytes=5-999999", 5..400_000), ("bytes=1-300000", 1..300_001)]) {
        let part = get().range(range).checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
        let expected = format!("bytes {}-{}/400000", span.start, span.end - 1);
        assert_eq!(part.content_range(), Some(expected.as_str()));
        assert_eq!(part.content_length(), i64::try_from(span.len()).ok());
        assert_eq!(part.body.collect().await.unwrap().to_vec(), bytes[span]);
    }
    let beyond = get().range("bytes=400000-").send().await.unwrap_err();
    assert_eq!((beyond.code(), status(&beyond)), (Some("InvalidRange"), 416));
    assert_eq!(get().send().await.unwrap().body.collect().await.unwrap().to_vec(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_with_common_prefixes() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let mut all = vec!["a", "b/1", "b/2", "b/c/3", "b-x", "c", "ünïcode/☃ %2f.txt", "d//e", "../up"];
    for key in &all {
        s3.put_object().bucket(BUCKET).key(*key).body(ByteStream::from_static(b"x")).send().await.unwrap();
    }
    all.sort_unstable();
    assert_eq!(keys(&s3).await, all);
    for key in &all {
        assert_eq!(read(&s3, key).await, b"x");
    }

    for size in 1..=4 {
        let (mut found, mut commons, mut token) = (Vec::new(), Vec::new(), None);
        loop {
            let list = s3.list_objects_v2().bucket(BUCKET).delimiter("/").max_keys(size);
            let page = list.set_continuation_token(token).send().await.unwrap();
            assert!(page.key_count().unwrap() <= size);
            found.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
            commons.extend(page.common_prefixes().iter().map(|common| common.prefix().unwrap().to_owned()));
            token = page.next_continuation_token().map(str::to_owned);
            if page.is_truncated() != Some(true) {
                break;
            }
        }
        assert_eq!(found, ["a", "b-x", "c"], "pages of {size}");
        assert_eq!(commons, ["../", "b/", "d/", "ünïcode/"], "pages of {size}");
    }
    let below = s3.list_objects_v2().bucket(BUCKET).prefix("b/").start_after("b/1").send().await.unwrap();
    let below: Vec<_> = below.contents().iter().map(|object| object.key().unwrap()).collect();
    assert_eq!(below, ["b/2", "b/c/3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_copied_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let put = s3.put_object().bucket(BUCKET).key("from/a b").body(ByteStream::from_static(b"x"));
    put.content_type("text/css").send().await.unwrap();
    let copy = s3.copy_object().copy_source("blobs/from/a%20b").bucket("other").key("to");
    copy.send().await.unwrap();
    let copied = s3.get_object().bucket("other").key("to").send().await.unwrap();
    assert_eq!(copied.content_type(), Some("text/css"));
    assert_eq!(copied.body.collect().await.unwrap().to_vec(), b"x");

    let objects = ["from/a b", "never/was"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(objects.to_vec())).build().unwrap();
    let deleted = s3.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    let deleted: BTreeSet<_> = deleted.deleted().iter().map(|one| one.key().unwrap()).collect();
    assert_eq!(deleted, BTreeSet::from(["from/a b", "never/was"]));
    assert!(keys(&s3).await.is_empty());
    s3.delete_object().bucket(BUCKET).key("from/a b").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_answer_and_what_is_not_here_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    s3.head_bucket().bucket(BUCKET).send().await.unwrap();
    assert_eq!(status(&s3.head_bucket().bucket("nothing").send().await.unwrap_err()), 404);
    s3.get_bucket_location().bucket(BUCKET).send().await.unwrap();
    let buckets = s3.list_buckets().send().await.unwrap();
    let names: Vec<_> = buckets.buckets().iter().map(|bucket| bucket.name().unwrap()).collect();
    assert_eq!(names, [BUCKET, "other"]);
    let refused = s3.create_multipart_upload().bucket(BUCKET).key("k").send().await.unwrap_err();
    assert_eq!((refused.code(), status(&refused)), (Some("NotImplemented"), 501));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client_with(&endpoint(dir.path()).await, "guessed");
    let refused = s3.put_object().bucket(BUCKET).key("k").send().await.unwrap_err();
    assert_eq!((refused.code(), status(&refused)), (Some("SignatureDoesNotMatch"), 403));
}

/// Sends a presigned request, with headers replaced, added or (by an empty value) left out.
async fn send(request: &PresignedRequest, changes: &[(&str, &str)], body: &'static [u8]) -> (u16, String) {
    let mut sent = http::Request::builder().method(request.method()).uri(request.uri());
    let headers = request.headers().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    for (name, value) in headers.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty()) {
        sent = sent.header(name, value);
    }
    let http = Http::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = http.request(sent.body(Full::from(body)).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_upload_takes_exactly_what_was_signed() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    let body = b"the blob";
    let lifetime = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let put = s3.put_object().bucket(BUCKET).key("blob").checksum_sha256(sha256(body)).content_length(8);
    let signed = put.if_none_match("*").presigned(lifetime).await.unwrap();

    let (status, text) = send(&signed, &[], b"the bl0b").await;
    assert!(status == 400 && text.contains("BadDigest"), "{status} {text}");
    let altered = [
        ("x-amz-checksum-sha256", sha256(b"the bl0b")),
        ("x-amz-checksum-sha256", String::new()),
        ("if-none-match", "\"x\"".to_owned()),
        ("if-none-match", String::new()),
        ("x-amz-meta-smuggled", "yes".to_owned()),
    ];
    for (name, value) in &altered {
        let (status, text) = send(&signed, &[(name, value)], b"the bl0b").await;
        assert_eq!(status, 403, "{name}: {value}: {text}");
    }
    let (status, text) = send(&signed, &[("content-length", "9")], b"the blob!").await;
    assert_eq!(status, 403, "{text}");
    assert!(keys(&s3).await.is_empty());

    let (status, text) = send(&signed, &[], body).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(send(&signed, &[], body).await.0, 412);
    assert_eq!(read(&s3, "blob").await, body);
}

#[tokio::test(flavor = "multi_thread")]
async fn virtual_hosted_addresses_reach_the_bucket() {
    let dir = tempfile::tempdir().unwrap();
    let address = endpoint(dir.path()).await;
    let secret = Credentials::open(dir.path()).unwrap().secret_for("AKIATEST");
    let s3 = client_with(&address, &secret);
    s3.put_object().bucket(BUCKET).key("k").body(ByteStream::from_static(b"x")).send().await.unwrap();
    let port = address.rsplit(':').next().unwrap();
    let config = Builder::from(&testing::sdk(&format!("http://localhost:{port}"), "AKIATEST", &secret)).build();
    let lifetime = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let signed = Client::from_conf(config).get_object().bucket(BUCKET).key("k").presigned(lifetime).await.unwrap();
    assert!(signed.uri().starts_with("http://blobs.localhost"), "{}", signed.uri());
    let host = format!("blobs.localhost:{port}");
    let http = Http::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let uri = signed.uri().replacen("blobs.localhost", "127.0.0.1", 1);
    let request = http::Request::builder().uri(uri).header("host", host).body(Full::default()).unwrap();
    let answer = http.request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), Bytes::from_static(b"x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_and_one_before_a_crash_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = client(dir.path()).await;
    std::fs::write(dir.path().join("unfinished/.tmpabc"), b"half").unwrap();
    let again = client(dir.path()).await;
    assert!(keys(&again).await.is_empty());
    assert_eq!(std::fs::read_dir(dir.path().join("unfinished")).unwrap().count(), 0);

    let lifetime = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let signed = s3.put_object().bucket(BUCKET).key("k").presigned(lifetime).await.unwrap();
    let uri: http::Uri = signed.uri().parse().unwrap();
    let address = uri.authority().unwrap().as_str();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT {} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 1000\r\n\r\npart of it",
        uri.path_and_query().unwrap()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.unwrap();
    let unfinished = dir.path().join("unfinished");
    let count = || std::fs::read_dir(&unfinished).unwrap().count();
    testing::eventually("the upload's beginning", || async { (count() == 1).then_some(()) }).await;
    drop(stream);
    testing::eventually("the upload's removal", || async { (count() == 0).then_some(()) }).await;
    assert!(keys(&s3).await.is_empty());
}
