//! Slipway's API as a builder sees it. Every call may be repeated, so every call is.

use std::io::Write;
use std::time::Duration;

use domain::upload::{Commitment, FailureReport, Job, LogChunk, ManifestPage, Missing, Register, Urls, UrlsRequest};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use crate::config::Config;
use crate::http::{self, Backoff, HttpError};

/// Bodies above this are sent gzipped.
const GZIP_ABOVE: usize = 1_024;
/// Most bytes of an answer: 500 presigned addresses are about 1 MB.
const MOST_ANSWER: u64 = 16 * 1024 * 1024;

/// The API, for one deployment.
#[derive(Clone)]
pub struct Api {
    agent: Agent,
    base: String,
    bearer: String,
}

impl Api {
    /// Registers `token` with the configured ticket, speaks with that token from then on, and learns what to build.
    pub fn register(config: &Config, token: &str) -> Result<(Self, Job), HttpError> {
        let base = format!("{}/projects/{}/deployments/{}", config.api_url, config.project, config.deployment);
        let api = Self { agent: http::agent(), base, bearer: format!("Bearer {token}") };
        let register = Register { ticket: config.ticket.clone(), token_sha256: domain::Sha256::of(token.as_bytes()) };
        let job = read("register", api.send("register", &register, false)?)?;
        Ok((api, job))
    }

    /// Stores a chunk of the log.
    pub fn log(&self, chunk: &LogChunk) -> Result<(), HttpError> {
        self.send("log", chunk, true).map(drop)
    }

    /// Sends a page of the manifest; the answer says which bytes are missing.
    pub fn manifest(&self, page: &ManifestPage) -> Result<Missing, HttpError> {
        read("manifest", self.send("manifest", page, true)?)
    }

    /// Asks for addresses to upload to.
    pub fn urls(&self, request: &UrlsRequest) -> Result<Urls, HttpError> {
        read("urls", self.send("urls", request, true)?)
    }

    /// Makes what was uploaded a deployment. A large upload is verified over several calls: 202 asks for the next one.
    pub fn commit(&self, commitment: &Commitment) -> Result<(), HttpError> {
        while self.send("commit", commitment, true)?.status() == StatusCode::ACCEPTED {}
        Ok(())
    }

    /// Says why there is nothing to commit.
    pub fn failure(&self, report: &FailureReport) -> Result<(), HttpError> {
        self.send("failure", report, true).map(drop)
    }

    /// The agent, for uploads.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    fn send(&self, call: &str, message: &impl Serialize, authorized: bool) -> Result<Response<Body>, HttpError> {
        let nonsense = |why: String| HttpError::Nonsense { what: call.to_owned(), why };
        let mut body = serde_json::to_vec(message).map_err(|error| nonsense(error.to_string()))?;
        let gzipped = body.len() > GZIP_ABOVE;
        if gzipped {
            body = gzip(&body).map_err(|error| nonsense(error.to_string()))?;
        }
        let url = format!("{}/{call}", self.base);
        self.tries(call, || {
            let mut request = self.agent.post(&url).header(header::CONTENT_TYPE, "application/json");
            if authorized {
                request = request.header(header::AUTHORIZATION, &self.bearer);
            }
            if gzipped {
                request = request.header(header::CONTENT_ENCODING, "gzip");
            }
            request.send(&body)
        })
    }

    fn tries(
        &self,
        call: &str,
        once: impl Fn() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, HttpError> {
        let what = format!("Slipway's API, {call}");
        let mut backoff = Backoff::default();
        loop {
            match once() {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => {
                    if !http::is_passing(response.status().as_u16()) || !backoff.wait(retry_after(&response)) {
                        return Err(HttpError::refused(&what, response));
                    }
                }
                Err(source) => {
                    if !backoff.wait(None) {
                        return Err(HttpError::NoAnswer { what, source });
                    }
                }
            }
        }
    }
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn read<T: DeserializeOwned>(call: &str, mut response: Response<Body>) -> Result<T, HttpError> {
    let text = response.body_mut().with_config().limit(MOST_ANSWER).read_to_vec();
    let nonsense = |why: String| HttpError::Nonsense { what: format!("Slipway's API, {call}"), why };
    let text = text.map_err(|error| nonsense(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| nonsense(error.to_string()))
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(4));
    encoder.write_all(bytes)?;
    encoder.finish()
}
