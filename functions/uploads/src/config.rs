//! The environment of this function.

use web::{Environment, Missing};

/// What `template.yaml` sets for this function.
#[derive(Debug, Clone)]
pub struct Config {
    /// `PROJECTS_TABLE`: the table's name.
    pub projects_table: String,
    /// `DEPLOYMENTS_TABLE`: the table's name.
    pub deployments_table: String,
    /// `ARTIFACTS_BUCKET`: the bucket's name.
    pub artifacts_bucket: String,
    /// `SECRETS_PREFIX`: what the names of the installation's SSM parameters begin with.
    pub secrets_prefix: String,
    /// `ALLOW_LOOPBACK_REPOSITORIES`: `true` on a laptop only; told to the builder.
    pub allow_loopback: bool,
}

impl Config {
    /// Reads the environment.
    pub fn from_env(environment: &Environment) -> Result<Self, Missing> {
        Ok(Self {
            projects_table: environment.required("PROJECTS_TABLE")?,
            deployments_table: environment.required("DEPLOYMENTS_TABLE")?,
            artifacts_bucket: environment.required("ARTIFACTS_BUCKET")?,
            secrets_prefix: environment.required("SECRETS_PREFIX")?,
            allow_loopback: environment.parsed("ALLOW_LOOPBACK_REPOSITORIES")?,
        })
    }
}
