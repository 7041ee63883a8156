//! The one handler.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use domain::{DeploymentId, ProjectId};
use http::{HeaderMap, HeaderName, header};
use lambda_http::RequestExt;
use routing::Decision;
use web::Problem;

use crate::Site;
use crate::address::Address;
use crate::respond;

/// Answers a visitor's request.
pub async fn serve(State(site): State<Arc<Site>>, request: Request) -> Result<Response, Problem> {
    let Some(address) = Address::parse(path(&request)) else {
        return Ok(respond::no_such_deployment());
    };
    let manifest = site.manifests.get(address.project, address.deployment).await.map_err(respond::unavailable)?;
    let Some(manifest) = manifest else {
        return Ok(respond::no_such_deployment());
    };
    let headers = Headers::of(request.headers());
    let asked = headers.request(request.method().as_str(), address.path, request.uri().query());
    let mut decision = routing::decide(&manifest, &asked, address.channel);
    if let Some(before) = address.before
        && decision.status == 404
        && routing::is_fingerprinted(address.path)
    {
        decision = retained(&site, address.project, before, &asked).await?.unwrap_or(decision);
    }
    respond::with(&site.artifacts, address.project, decision).await
}

/// An asset of what the site showed before, for pages that are still open.
async fn retained(
    site: &Site,
    project: ProjectId,
    before: DeploymentId,
    asked: &routing::Request<'_>,
) -> Result<Option<Decision>, Problem> {
    let manifest = site.manifests.get(project, before).await.map_err(respond::unavailable)?;
    Ok(manifest.and_then(|manifest| routing::retained(&manifest, asked)))
}

/// The path as received. On Lambda the request's URI is not it: it went through a URL parser, which resolves `..` and
/// would let a visitor's path climb into another deployment's prefix.
fn path(request: &Request) -> &str {
    match request.raw_http_path() {
        "" => request.uri().path(),
        raw => raw,
    }
}

/// The headers that matter, several lines of a field joined (RFC 9110 §5.3).
struct Headers {
    accept: Option<String>,
    accept_encoding: Option<String>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    if_range: Option<String>,
    range: Option<String>,
    sec_fetch_mode: Option<String>,
}

impl Headers {
    fn of(headers: &HeaderMap) -> Self {
        let joined = |name: HeaderName| {
            let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
            (!lines.is_empty()).then(|| lines.join(", "))
        };
        Self {
            accept: joined(header::ACCEPT),
            accept_encoding: joined(header::ACCEPT_ENCODING),
            if_match: joined(header::IF_MATCH),
            if_none_match: joined(header::IF_NONE_MATCH),
            if_range: joined(header::IF_RANGE),
            range: joined(header::RANGE),
            sec_fetch_mode: joined(HeaderName::from_static("sec-fetch-mode")),
        }
    }

    fn request<'a>(&'a self, method: &'a str, path: &'a str, query: Option<&'a str>) -> routing::Request<'a> {
        routing::Request {
            method,
            path,
            query,
            accept: self.accept.as_deref(),
            accept_encoding: self.accept_encoding.as_deref(),
            if_match: self.if_match.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            if_range: self.if_range.as_deref(),
            range: self.range.as_deref(),
            sec_fetch_mode: self.sec_fetch_mode.as_deref(),
        }
    }
}
