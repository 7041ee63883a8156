//! Addresses of sites.

use domain::{DeploymentId, Slug};

/// Where sites live: `https://<slug>.<domain>` and `https://<deployment>--<slug>.<domain>`.
#[derive(Debug, Clone)]
pub struct Sites {
    origin: Option<(String, String)>,
}

impl Sites {
    /// From the origin in `SITES_ORIGIN`: a scheme and a domain, such as `https://sites.example.net`. Without one, the
    /// distribution's own name serves a single project and deployments have no address of their own.
    pub fn new(origin: Option<&str>) -> Self {
        let split = origin.and_then(|origin| origin.split_once("://"));
        Self { origin: split.map(|(scheme, domain)| (scheme.to_owned(), domain.to_owned())) }
    }

    /// The address of a project's live site.
    pub fn live(&self, slug: &Slug) -> Option<String> {
        self.origin.as_ref().map(|(scheme, domain)| format!("{scheme}://{slug}.{domain}"))
    }

    /// The address that will always show this deployment.
    pub fn immutable(&self, slug: &Slug, deployment: DeploymentId) -> Option<String> {
        self.origin.as_ref().map(|(scheme, domain)| format!("{scheme}://{deployment}--{slug}.{domain}"))
    }
}
