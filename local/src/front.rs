//! The public listener: the host name decides between the HTTP API and the sites.
//!
//! `127.0.0.1` and `localhost` are the API. Every `<label>.localhost` is a site behind the stand-in for CloudFront: the
//! edge function runs, then the origin is asked. Nothing is cached on the laptop.

mod edge_event;
mod forwarding;
mod site;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;

use crate::http_api::Gateway;
use crate::wire;

pub use site::{Origin, Site};

/// The public listener's two sides.
#[derive(Clone)]
pub struct Front {
    /// The HTTP API.
    pub gateway: Gateway,
    /// The sites, if the template has a distribution.
    pub site: Option<Site>,
}

impl Front {
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        let host =
            request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost").to_owned();
        match kind(&host) {
            Kind::Api => self.gateway.handle(request).await,
            Kind::Site => match &self.site {
                Some(site) => site.handle(&host, request).await,
                None => refuse("the template has no CloudFront distribution, so there are no sites"),
            },
            // Another host name is another site rebound to this address, or a mistake: neither may reach the API.
            Kind::Unknown => refuse("use http://127.0.0.1, http://localhost or http://<label>.localhost"),
        }
    }
}

enum Kind {
    Api,
    Site,
    Unknown,
}

fn kind(host: &str) -> Kind {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    match name.as_str() {
        "127.0.0.1" | "localhost" => Kind::Api,
        other if other.strip_suffix(".localhost").is_some_and(|label| !label.is_empty()) => Kind::Site,
        _ => Kind::Unknown,
    }
}

fn refuse(message: &str) -> Response {
    wire::json(StatusCode::NOT_FOUND, &serde_json::json!({ "message": message }))
}
