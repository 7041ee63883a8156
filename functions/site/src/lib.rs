//! The streaming proxy between CloudFront and the artifacts bucket: `/<project>/<deployment>[.<before>]/<live|preview>/<path>` in,
//! the file's bytes out. What to answer is decided by `routing`; this crate fetches the manifest, streams the bytes, and
//! needs nothing but S3, so that sites stay up while everything else is down.
//!
//! It runs on Lambda behind a function URL with response streaming, or as a plain HTTP server.

mod address;
mod config;
mod listen;
mod manifests;
mod respond;
mod serve;

use std::num::NonZeroUsize;
use std::sync::Arc;

use artifacts::Artifacts;
use axum::Router;

pub use config::Config;
pub use listen::listen;

use manifests::Manifests;

/// What a request is answered from.
#[derive(Debug)]
pub struct Site {
    artifacts: Artifacts,
    manifests: Manifests,
}

impl Site {
    /// Answers from this bucket, keeping this many manifests in memory.
    pub fn new(artifacts: Artifacts, manifests: NonZeroUsize) -> Self {
        Self { manifests: Manifests::new(artifacts.clone(), manifests), artifacts }
    }
}

/// Every method and path has the one handler: the rules are `routing`'s, and no route of ours may shadow a site's file.
pub fn router(site: Site) -> Router {
    Router::new().fallback(serve::serve).with_state(Arc::new(site))
}
