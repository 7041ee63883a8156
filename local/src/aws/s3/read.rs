//! GetObject and HeadObject.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops;
use std::sync::Arc;

use bytes::Bytes;
use s3s::dto::{
    Checksum, ChecksumMode, ChecksumType, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    Range, StreamingBlob, Timestamp,
};
use s3s::{Body, S3Error, S3ErrorCode, S3Result, s3_error};
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;
use tokio_util::io::ReaderStream;

use super::conditions::Conditions;
use super::object::Description;
use super::store::Store;

/// Content up to this many bytes is read with the description in one step; more is streamed in pieces of this size.
const PIECE: u64 = 128 << 10;

enum Content {
    Whole(Bytes),
    Stream(File, u64),
}

/// Gives an object or a range of it.
pub async fn get(store: &Arc<Store>, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    let conditions = Conditions {
        matches: input.if_match,
        none_match: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    let (store, bucket, key, range) = (store.clone(), input.bucket, input.key, input.range);
    let (content, found, span) = spawn_blocking(move || {
        let (file, found) = find(&store, &bucket, &key)?;
        conditions.check(&found)?;
        let span = span(range.as_ref(), found.size)?;
        let content = content(file, span.clone().unwrap_or(0..found.size)).map_err(S3Error::internal_error)?;
        Ok::<_, S3Error>((content, found, span))
    })
    .await
    .map_err(S3Error::internal_error)??;
    let (length, body) = match content {
        Content::Whole(bytes) => (bytes.len() as u64, StreamingBlob::from(Body::from(bytes))),
        Content::Stream(file, length) => {
            let reader = tokio::fs::File::from_std(file).take(length);
            let piece = usize::try_from(PIECE).unwrap_or(usize::MAX);
            (length, StreamingBlob::wrap(ReaderStream::with_capacity(reader, piece)))
        }
    };
    // The checksum is that of the whole object, so a range has none.
    let checksum = checksum(&found, input.checksum_mode.as_ref(), span.is_some());
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        body: Some(body),
        content_length: i64::try_from(length).ok(),
        content_range: span.map(|span| format!("bytes {}-{}/{}", span.start, span.end - 1, found.size)),
        content_type: input.response_content_type.or(found.headers.content_type).or_else(unknown_type),
        content_encoding: input.response_content_encoding.or(found.headers.content_encoding),
        content_disposition: input.response_content_disposition.or(found.headers.content_disposition),
        content_language: input.response_content_language.or(found.headers.content_language),
        cache_control: input.response_cache_control.or(found.headers.cache_control),
        e_tag: Some(ETag::Strong(found.etag)),
        last_modified: Some(Timestamp::from(found.modified)),
        metadata: Some(found.headers.metadata),
        checksum_type: has_any(&checksum).then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        ..GetObjectOutput::default()
    })
}

/// Describes an object.
pub async fn head(store: &Arc<Store>, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
    let conditions = Conditions {
        matches: input.if_match,
        none_match: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    let (store, bucket, key) = (store.clone(), input.bucket, input.key);
    let found = spawn_blocking(move || {
        let (_, found) = find(&store, &bucket, &key)?;
        conditions.check(&found)?;
        Ok::<_, S3Error>(found)
    })
    .await
    .map_err(S3Error::internal_error)??;
    let span = span(input.range.as_ref(), found.size)?;
    let checksum = checksum(&found, input.checksum_mode.as_ref(), span.is_some());
    let length = span.as_ref().map_or(found.size, |span| span.end - span.start);
    Ok(HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: i64::try_from(length).ok(),
        content_range: span.map(|span| format!("bytes {}-{}/{}", span.start, span.end - 1, found.size)),
        content_type: input.response_content_type.or(found.headers.content_type).or_else(unknown_type),
        content_encoding: found.headers.content_encoding,
        content_disposition: found.headers.content_disposition,
        content_language: found.headers.content_language,
        cache_control: found.headers.cache_control,
        e_tag: Some(ETag::Strong(found.etag)),
        last_modified: Some(Timestamp::from(found.modified)),
        metadata: Some(found.headers.metadata),
        checksum_type: has_any(&checksum).then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        ..HeadObjectOutput::default()
    })
}

/// What S3 says of an object stored without a type.
#[expect(clippy::unnecessary_wraps, reason = "shaped for Option::or_else")]
fn unknown_type() -> Option<String> {
    Some("binary/octet-stream".to_owned())
}

fn find(store: &Store, bucket: &str, key: &str) -> S3Result<(File, Description)> {
    let found = store.open_object(bucket, key).map_err(S3Error::internal_error)?;
    found.ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
}

fn span(range: Option<&Range>, size: u64) -> S3Result<Option<ops::Range<u64>>> {
    let Some(range) = range else { return Ok(None) };
    let unsatisfiable = || {
        let mut error = S3Error::with_message(S3ErrorCode::InvalidRange, "The requested range is not satisfiable");
        let mut headers = http::HeaderMap::new();
        if let Ok(value) = format!("bytes */{size}").parse() {
            headers.insert(http::header::CONTENT_RANGE, value);
        }
        error.set_headers(headers);
        error
    };
    let span = range.check(size).map_err(|_| unsatisfiable())?;
    // The last n bytes of nothing are nothing, which a Content-Range cannot say.
    if span.is_empty() { Err(unsatisfiable()) } else { Ok(Some(span)) }
}

fn content(mut file: File, span: ops::Range<u64>) -> std::io::Result<Content> {
    let length = span.end - span.start;
    file.seek(SeekFrom::Start(span.start))?;
    if length > PIECE {
        return Ok(Content::Stream(file, length));
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(std::io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(Content::Whole(bytes.into()))
}

fn checksum(found: &Description, mode: Option<&ChecksumMode>, part: bool) -> Checksum {
    let asked = mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
    if asked && !part { found.checksum() } else { Checksum::default() }
}

fn has_any(checksum: &Checksum) -> bool {
    [
        &checksum.checksum_crc32,
        &checksum.checksum_crc32c,
        &checksum.checksum_crc64nvme,
        &checksum.checksum_sha1,
        &checksum.checksum_sha256,
    ]
    .iter()
    .any(|value| value.is_some())
}
