//! The environment contract.
//!
//! | variable | meaning |
//! |---|---|
//! | `SLIPWAY_API_URL` | where the API is, without a `/` at the end |
//! | `SLIPWAY_PROJECT`, `SLIPWAY_DEPLOYMENT` | what is built |
//! | `SLIPWAY_TICKET` | the one-time ticket that registers this builder's token |
//! | [`PASSED_ON`] | registry, proxy and certificate settings; the repository's commands get them too |
//! | `ECS_CONTAINER_METADATA_URI_V4` | set by ECS; says that this container holds one build and nothing else |
//!
//! The working directory is empty and private to this build.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::{DeploymentId, ProjectId};

/// What the repository's commands inherit of this process's environment, and nothing else: how to reach the network.
pub const PASSED_ON: [&str; 20] = [
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "NPM_CONFIG_CAFILE",
    "NPM_CONFIG_REGISTRY",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "YARN_HTTPS_CA_FILE_PATH",
    "YARN_NPM_REGISTRY_SERVER",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "npm_config_cafile",
    "npm_config_registry",
];

/// All that this process is told.
#[derive(Clone)]
pub struct Config {
    /// Where the API is.
    pub api_url: String,
    /// The project that is built.
    pub project: ProjectId,
    /// The deployment that is built.
    pub deployment: DeploymentId,
    /// The one-time ticket.
    pub ticket: String,
    /// Those of [`PASSED_ON`] that are set.
    pub network: BTreeMap<String, String>,
    /// Where programs are looked for.
    pub path: String,
    /// Whether this is an ECS task: one container, one build.
    pub is_task: bool,
    /// The empty, private directory of this build.
    pub work: PathBuf,
    /// This program, which a jail starts again inside itself.
    pub executable: PathBuf,
}

/// Why the environment was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable is missing.
    #[error("{0} is not set; the platform sets it when it starts a build")]
    Missing(&'static str),
    /// A variable has a wrong value.
    #[error("{0} is wrong: {1}")]
    Wrong(&'static str, String),
    /// The working directory or this program's path cannot be read.
    #[error("cannot find out where this process runs: {0}")]
    Place(#[from] std::io::Error),
}

impl Config {
    /// Reads it from a process's environment.
    pub fn read(environment: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let get = |name: &'static str| match environment.get(name) {
            Some(value) if !value.is_empty() => Ok(value.clone()),
            _ => Err(ConfigError::Missing(name)),
        };
        let wrong = |name| move |error: domain::text::Invalid| ConfigError::Wrong(name, error.to_string());
        let passed = |(name, value): (&String, &String)| {
            (PASSED_ON.contains(&name.as_str()) && !value.is_empty()).then(|| (name.clone(), value.clone()))
        };
        Ok(Self {
            api_url: get("SLIPWAY_API_URL")?.trim_end_matches('/').to_owned(),
            project: get("SLIPWAY_PROJECT")?.parse().map_err(wrong("SLIPWAY_PROJECT"))?,
            deployment: get("SLIPWAY_DEPLOYMENT")?.parse().map_err(wrong("SLIPWAY_DEPLOYMENT"))?,
            ticket: get("SLIPWAY_TICKET")?,
            network: environment.iter().filter_map(passed).collect(),
            path: get("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned()),
            is_task: environment.contains_key("ECS_CONTAINER_METADATA_URI_V4"),
            work: std::env::current_dir()?,
            executable: std::env::current_exe()?,
        })
    }
}
