//! Logs: one JSON object per line on standard output, as Lambda's JSON log format expects.

use tracing_subscriber::EnvFilter;

use crate::Environment;

/// Starts logging. `RUST_LOG` chooses what is logged; `info` without it.
pub fn start(environment: &Environment) {
    let filter = EnvFilter::new(environment.optional("RUST_LOG").unwrap_or("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_target(false).with_current_span(false).init();
}
