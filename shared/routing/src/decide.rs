//! The order of things.

use domain::Manifest;

use crate::decision::{Body, Decision};
use crate::path::{Refusal, SitePath, location};
use crate::request::{Channel, Request};
use crate::resolve::{self, Resolution, resolve};
use crate::{freshness, missing, serve};

/// Answers a request to a deployment. Total: every request has an answer, and the answer is complete but for the bytes of
/// its body and what belongs to the connection (`Date`, `Strict-Transport-Security`).
pub fn decide(manifest: &Manifest, request: &Request<'_>, channel: Channel) -> Decision {
    complete(route(manifest, request), manifest, request, channel)
}

/// Answers a request that the live deployment has nothing for from what the site showed before: with a file whose name
/// holds its fingerprint and which is therefore the one that an open page means. `None` for anything else, so that no
/// page and no file of a plain name outlives its deployment.
pub fn retained(before: &Manifest, request: &Request<'_>) -> Option<Decision> {
    let path = SitePath::parse(request.path).ok()?;
    let (name, file) = resolve::file(before, path.as_str())?;
    let found = || complete(serve::found(name, file, request), before, request, Channel::Live);
    (freshness::is_immutable(name, file) && matches!(request.method, "GET" | "HEAD")).then(found)
}

fn complete(decision: Decision, manifest: &Manifest, request: &Request<'_>, channel: Channel) -> Decision {
    let mut decision = decision
        .with("x-content-type-options", "nosniff")
        .with("referrer-policy", "strict-origin-when-cross-origin")
        .with("x-slipway-deployment", manifest.deployment.to_string());
    if channel == Channel::Preview {
        decision = decision.with("x-robots-tag", "noindex");
    }
    if request.is_head() {
        decision.body = Body::None;
    }
    decision
}

fn route(manifest: &Manifest, request: &Request<'_>) -> Decision {
    if !matches!(request.method, "GET" | "HEAD") {
        return Decision::text(405, "405: a static site answers GET and HEAD\n").with("allow", "GET, HEAD");
    }
    let path = match SitePath::parse(request.path) {
        Ok(path) => path,
        Err(Refusal::Malformed) => return Decision::text(400, "400: the address is not a valid URL path\n"),
        Err(Refusal::Nowhere) => return nothing(manifest, request, ""),
    };
    match resolve(manifest, &path) {
        Resolution::File(name, file) => serve::found(name, file, request),
        Resolution::Redirect(to) => redirect(&to, request),
        Resolution::Missing => match missing::shell(manifest, request, &path) {
            Some((name, file)) => shell(name, file, request),
            None => nothing(manifest, request, path.as_str()),
        },
    }
}

/// 308 keeps the method. It is revalidated each time: without a word on it, browsers would keep it for as long as they
/// like, and the next deployment may have a page there.
fn redirect(to: &str, request: &Request<'_>) -> Decision {
    Decision::new(308)
        .with("location", location(to, request.query))
        .with("content-length", "0")
        .with("cache-control", freshness::REVALIDATED)
}

fn nothing(manifest: &Manifest, request: &Request<'_>, path: &str) -> Decision {
    match missing::nearest_page(manifest, path) {
        Some(page) => serve::not_found(page, request),
        None => Decision::text(404, "404: this site has nothing at this address\n"),
    }
}

/// The app's shell depends on more than its coding: the same address is 404 to a script.
fn shell(name: &str, file: &domain::manifest::File, request: &Request<'_>) -> Decision {
    let mut decision = serve::found(name, file, request);
    decision.headers.retain(|(name, _)| *name != "vary");
    decision.with("vary", "accept-encoding, accept, sec-fetch-mode")
}
