//! HTTP with patience: what is tried again, how often, and what an error says.

mod backoff;
mod problem;

pub use backoff::{Backoff, TRIES};
pub use problem::HttpError;

use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// The agent for the API and for uploads. It trusts the system's certificates (`SSL_CERT_FILE`), honours the proxy
/// variables, follows no redirect and reports every status as an answer.
pub fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("slipway-builder/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .timeout_recv_body(Some(Duration::from_secs(60)))
        // A 100 MB file over a slow line takes minutes; a connection that stands still is ended sooner by the peer.
        .timeout_send_body(Some(Duration::from_secs(600)))
        .max_idle_connections_per_host(8)
        .build()
        .new_agent()
}

/// Whether an answer with this status may be otherwise in a moment.
pub fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}
