//! ListObjectsV2.

use std::io;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    CommonPrefix, ETag, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass, Timestamp,
};
use s3s::{S3Error, S3Result, s3_error};

use super::object;
use super::store::Store;

/// S3 gives at most this many entries at a time.
const LARGEST_PAGE: usize = 1000;

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// One page. Blocks.
pub fn list(store: &Store, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().filter(|delimiter| !delimiter.is_empty());
    let size = usize::try_from(input.max_keys.unwrap_or(1000))
        .map_err(|_| s3_error!(InvalidArgument, "max-keys is at least 0"))?
        .min(LARGEST_PAGE);
    let place = match &input.continuation_token {
        Some(token) => Place::read(token)?,
        None => Place::After(input.start_after.clone().unwrap_or_default()),
    };
    let mut walk = store.walk(&input.bucket, &prefix, place.key());
    if let Place::Beyond(common) = &place {
        walk.leave_out(common);
    }
    let (mut contents, mut commons, mut last, mut more) = (Vec::new(), Vec::new(), None, false);
    let escape = input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
    let text = |text: String| if escape { utf8_percent_encode(&text, ESCAPED).to_string() } else { text };
    while let Some(found) = walk.next() {
        let (key, path) = found.map_err(S3Error::internal_error)?;
        // An object may vanish while its directory is read; then it is simply not in the list.
        if contents.len() + commons.len() == size {
            more = size > 0;
            break;
        }
        let common = delimiter.as_ref().and_then(|delimiter| {
            let end = key[prefix.len()..].find(delimiter.as_str())?;
            Some(key[..prefix.len() + end + delimiter.len()].to_owned())
        });
        if let Some(common) = common {
            walk.leave_out(&common);
            commons.push(CommonPrefix { prefix: Some(text(common.clone())) });
            last = Some(Place::Beyond(common));
            continue;
        }
        let described = match object::open(&path) {
            Ok((_, described)) => described,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(S3Error::internal_error(error)),
        };
        last = Some(Place::After(key.clone()));
        contents.push(Object {
            key: Some(text(key)),
            size: i64::try_from(described.size).ok(),
            e_tag: Some(ETag::Strong(described.etag)),
            last_modified: Some(Timestamp::from(described.modified)),
            storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            ..Object::default()
        });
    }
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: input.prefix.map(text),
        delimiter: input.delimiter.map(text),
        start_after: input.start_after.map(text),
        encoding_type: input.encoding_type,
        max_keys: i32::try_from(size).ok(),
        key_count: i32::try_from(contents.len() + commons.len()).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(more),
        next_continuation_token: last.filter(|_| more).map(|place| place.token()),
        contents: Some(contents),
        common_prefixes: Some(commons),
        ..ListObjectsV2Output::default()
    })
}

/// Where a page begins.
enum Place {
    After(String),
    /// After everything that begins with a common prefix.
    Beyond(String),
}

impl Place {
    fn key(&self) -> &str {
        match self {
            Self::After(key) | Self::Beyond(key) => key,
        }
    }

    fn token(&self) -> String {
        let kind = if matches!(self, Self::After(_)) { 'k' } else { 'p' };
        BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}{}", self.key()))
    }

    fn read(token: &str) -> S3Result<Self> {
        let wrong = || s3_error!(InvalidArgument, "The continuation token provided is incorrect");
        let text = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or_else(wrong)?;
        match text.split_at_checked(1) {
            Some(("k", key)) => Ok(Self::After(key.to_owned())),
            Some(("p", common)) => Ok(Self::Beyond(common.to_owned())),
            _ => Err(wrong()),
        }
    }
}
