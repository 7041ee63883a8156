//! What S3 demands of a presigned request beyond a right signature: every `x-amz-*` header it carries must be signed.
//! Else the bearer of an upload address could add a header that its maker never meant to allow.

use axum::extract::Request;

/// The first header that should have been signed and is not.
pub fn unsigned_header(request: &Request) -> Option<String> {
    let query = request.uri().query()?;
    let signed = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders="))?;
    let signed = percent_encoding::percent_decode_str(signed).decode_utf8_lossy();
    request
        .headers()
        .keys()
        .map(http::HeaderName::as_str)
        .find(|name| {
            name.starts_with("x-amz-") && *name != "x-amz-content-sha256" && !signed.split(';').any(|one| one == *name)
        })
        .map(str::to_owned)
}
