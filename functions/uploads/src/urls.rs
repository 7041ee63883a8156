//! `POST urls`: presigned requests that store blobs.

use axum::extract::State as FromState;
use domain::Error;
use domain::manifest::MOST_FILE_BYTES;
use domain::upload::{MOST_URLS, Urls, UrlsRequest};
use web::{Json, Problem};

use crate::State;
use crate::body::Compressed;
use crate::builder::Builder;

/// The most that an object can have: the plain form and two compressed ones, each smaller.
const MOST_OBJECT_BYTES: u64 = 3 * MOST_FILE_BYTES;

/// Signs one `PUT` per blob: for these bytes, of this size, under this name, once. Signing asks S3 nothing.
pub(crate) async fn urls(
    FromState(state): FromState<State>,
    builder: Builder,
    Compressed(request): Compressed<UrlsRequest>,
) -> Result<Json<Urls>, Problem> {
    let deployment = builder.open()?;
    if request.blobs.len() > MOST_URLS {
        return Err(Error::LimitExceeded(format!("at most {MOST_URLS} addresses are signed at a time")).into());
    }
    let mut uploads = Vec::with_capacity(request.blobs.len());
    for blob in request.blobs {
        if blob.size > MOST_OBJECT_BYTES {
            return Err(Error::LimitExceeded("a file has at most 100 MB".into()).into());
        }
        let signed = state.artifacts.presign_put(deployment.project, blob).await;
        uploads.push(signed.map_err(Error::unavailable)?);
    }
    Ok(Json(Urls { uploads }))
}
