//! PutObject, CopyObject, DeleteObject and DeleteObjects.

use std::sync::Arc;

use futures_util::StreamExt;
use s3s::dto::{
    ChecksumType, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput,
    DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag, Error, MetadataDirective,
    PutObjectInput, PutObjectOutput, StreamingBlob, Timestamp,
};
use s3s::{S3Error, S3Request, S3Result, s3_error};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::checksums::Expected;
use super::conditions::{self, Conditions};
use super::object::{Description, Headers};
use super::store::{Condition, Received, Refused, Store};
use crate::aws::clock;

/// S3's limit of one PUT, in bytes.
const LARGEST_OBJECT: u64 = 5 << 30;

/// Stores an object.
pub async fn put(store: &Arc<Store>, mut request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
    let body = request.input.body.take();
    let condition = conditions::of_write(request.input.if_match.as_ref(), request.input.if_none_match.as_ref())?;
    let expected = Expected::new(&request.input, &request.headers);
    let input = request.input;
    let announced = input.content_length.and_then(|length| u64::try_from(length).ok());
    if announced.is_some_and(|length| length > LARGEST_OBJECT) {
        return Err(s3_error!(EntityTooLarge, "Your proposed upload exceeds the maximum allowed size"));
    }
    let received = receive(store, body, &expected).await?;
    if announced.is_some_and(|length| length != received.size) {
        return Err(s3_error!(IncompleteBody, "The body is not as long as the Content-Length header says"));
    }
    let trailers = request.trailing_headers.and_then(|trailers| trailers.take());
    let checksums = expected.verify(&received, trailers.as_ref())?;
    let description = Description {
        size: received.size,
        etag: hex::encode(received.md5),
        modified: clock::now(),
        checksums,
        headers: Headers {
            content_type: input.content_type,
            content_encoding: input.content_encoding.and_then(without_chunking),
            content_disposition: input.content_disposition,
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: input.metadata.unwrap_or_default(),
        },
    };
    let checksum = description.checksum();
    let e_tag = Some(ETag::Strong(description.etag.clone()));
    publish(store, input.bucket, input.key, received, description, condition).await?;
    Ok(PutObjectOutput {
        e_tag,
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        ..PutObjectOutput::default()
    })
}

/// `aws-chunked` describes the transfer, not the object.
fn without_chunking(encoding: String) -> Option<String> {
    let kept: Vec<_> = encoding.split(',').map(str::trim).filter(|one| *one != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// Disk work happens on one blocking thread per upload; chunks flow to it, so memory stays bounded whatever the size.
async fn receive(store: &Arc<Store>, body: Option<StreamingBlob>, expected: &Expected) -> S3Result<Received> {
    let (sender, chunks) = mpsc::channel(8);
    let (writer, hasher) = (store.clone(), expected.hasher());
    let writing = spawn_blocking(move || writer.receive(chunks, hasher));
    let mut failed = None;
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            match chunk {
                Ok(chunk) => {
                    // When the writer gave up, its own error says why.
                    if sender.send(chunk).await.is_err() {
                        break;
                    }
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
    }
    drop(sender);
    let received = writing.await.map_err(S3Error::internal_error)?.map_err(S3Error::internal_error)?;
    match failed {
        None => Ok(received),
        // s3s reports a wrong chunk signature or payload hash as a failing body.
        Some(error) => Err(match error.downcast::<S3Error>() {
            Ok(error) => *error,
            Err(error) => s3_error!(IncompleteBody, "the body could not be read: {error}"),
        }),
    }
}

async fn publish(
    store: &Arc<Store>,
    bucket: String,
    key: String,
    received: Received,
    description: Description,
    condition: Condition,
) -> S3Result<()> {
    let store = store.clone();
    spawn_blocking(move || store.publish(&bucket, &key, received, &description, &condition))
        .await
        .map_err(S3Error::internal_error)?
        .map_err(refused)
}

fn refused(refused: Refused) -> S3Error {
    match refused {
        Refused::Condition => conditions::precondition_failed(),
        Refused::Missing => s3_error!(NoSuchKey, "The specified key does not exist."),
        Refused::File(error) => S3Error::internal_error(error),
    }
}

/// Copies an object within this S3.
pub async fn copy(store: &Arc<Store>, buckets: &[String], input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
    let CopySource::Bucket { bucket: from, key: source, .. } = input.copy_source.clone() else {
        return Err(s3_error!(NotImplemented, "access points cannot be copied from"));
    };
    if !buckets.iter().any(|bucket| **bucket == *from) {
        return Err(s3_error!(NoSuchBucket, "The source bucket does not exist"));
    }
    let conditions = Conditions {
        matches: input.copy_source_if_match,
        none_match: input.copy_source_if_none_match,
        modified_since: input.copy_source_if_modified_since,
        unmodified_since: input.copy_source_if_unmodified_since,
    };
    let copier = store.clone();
    let (received, mut description) = spawn_blocking(move || {
        let found = copier.open_object(&from, &source).map_err(S3Error::internal_error)?;
        let (mut file, description) = found.ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))?;
        // A copy has no "not modified": both kinds of condition fail it.
        conditions.check(&description).map_err(|_| conditions::precondition_failed())?;
        let received = copier.duplicate(&mut file, &description).map_err(S3Error::internal_error)?;
        Ok::<_, S3Error>((received, description))
    })
    .await
    .map_err(S3Error::internal_error)??;
    if input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE) {
        description.headers = Headers {
            content_type: input.content_type,
            content_encoding: input.content_encoding,
            content_disposition: input.content_disposition,
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: input.metadata.unwrap_or_default(),
        };
    }
    description.modified = clock::now();
    let result = CopyObjectResult {
        e_tag: Some(ETag::Strong(description.etag.clone())),
        last_modified: Some(Timestamp::from(description.modified)),
        checksum_sha256: description.checksum().checksum_sha256,
        ..CopyObjectResult::default()
    };
    publish(store, input.bucket, input.key, received, description, Condition::Always).await?;
    Ok(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() })
}

/// Deletes one object; deleting what is not there succeeds.
pub async fn delete(store: &Arc<Store>, input: DeleteObjectInput) -> S3Result<DeleteObjectOutput> {
    let condition = conditions::of_write(input.if_match.as_ref(), None)?;
    let store = store.clone();
    spawn_blocking(move || store.delete(&input.bucket, &input.key, &condition))
        .await
        .map_err(S3Error::internal_error)?
        .map_err(refused)?;
    Ok(DeleteObjectOutput::default())
}

/// Deletes up to 1,000 objects and reports each.
pub async fn delete_all(store: &Arc<Store>, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
    if input.delete.objects.is_empty() || input.delete.objects.len() > 1000 {
        return Err(s3_error!(MalformedXML, "name 1 to 1000 objects"));
    }
    let (quiet, store) = (input.delete.quiet.unwrap_or_default(), store.clone());
    let (deleted, errors) = spawn_blocking(move || {
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in input.delete.objects {
            let condition = object.e_tag.map_or(Condition::Always, |etag| Condition::Is(etag.into_value()));
            match store.delete(&input.bucket, &object.key, &condition) {
                Ok(()) => deleted.push(DeletedObject { key: Some(object.key), ..DeletedObject::default() }),
                Err(error) => {
                    let error = refused(error);
                    errors.push(Error {
                        key: Some(object.key),
                        code: Some(error.code().as_str().to_owned()),
                        message: error.message().map(str::to_owned),
                        ..Error::default()
                    });
                }
            }
        }
        (deleted, errors)
    })
    .await
    .map_err(S3Error::internal_error)?;
    Ok(DeleteObjectsOutput {
        deleted: Some(if quiet { Vec::new() } else { deleted }),
        errors: (!errors.is_empty()).then_some(errors),
        ..DeleteObjectsOutput::default()
    })
}
