//! Requests as the edge sends them, to the router itself.

use std::num::NonZeroUsize;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use domain::DeploymentId;
use http::Request;
use http_body_util::BodyExt;
use site::Site;
use tower::ServiceExt;

use crate::s3::{S3, deployment, project};

pub fn router(s3: &S3) -> Router {
    router_keeping(s3, 4)
}

pub fn router_keeping(s3: &S3, manifests: usize) -> Router {
    site::router(Site::new(s3.artifacts(), NonZeroUsize::new(manifests).unwrap()))
}

pub fn address(path: &str) -> String {
    address_of(deployment(), "live", path)
}

pub fn address_of(deployment: DeploymentId, channel: &str, path: &str) -> String {
    format!("/{}/{deployment}/{channel}{path}", project())
}

pub async fn get(router: &Router, uri: &str, headers: &[(&str, &str)]) -> Response {
    send(router, "GET", uri, headers).await
}

pub async fn send(router: &Router, method: &str, uri: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

pub fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

pub async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
