//! One presigned PUT.

use domain::upload::SignedPut;
use ureq::http::header;
use ureq::{Agent, SendBody};

use crate::http::{self, Backoff, HttpError};
use crate::output::Packed;

/// Stores an object under its address. 412 says that it is there already; 409 that another is storing it right now.
pub(super) fn put(agent: &Agent, packed: &Packed, signed: &SignedPut) -> Result<(), HttpError> {
    let what = "the bucket";
    let mut backoff = Backoff::default();
    loop {
        let mut request = agent.put(&signed.url);
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        if !signed.headers.keys().any(|name| name.eq_ignore_ascii_case("content-length")) {
            request = request.header(header::CONTENT_LENGTH, packed.entry.file.size);
        }
        let body =
            packed.open().map_err(|error| HttpError::Nonsense { what: what.to_owned(), why: error.to_string() })?;
        match request.send(SendBody::from_owned_reader(body)) {
            Ok(response) => match response.status().as_u16() {
                200..=299 | 412 => return Ok(()),
                status => {
                    if !(status == 409 || http::is_passing(status)) || !backoff.wait(None) {
                        return Err(HttpError::refused(what, response));
                    }
                }
            },
            Err(source) => {
                if !backoff.wait(None) {
                    return Err(HttpError::NoAnswer { what: what.to_owned(), source });
                }
            }
        }
    }
}
