//! The environment of this function.

use domain::RepositoryPolicy;
use web::{Environment, Missing};

/// What `template.yaml` sets for this function.
#[derive(Debug, Clone)]
pub struct Config {
    /// `PROJECTS_TABLE`: the table's name.
    pub projects_table: String,
    /// `SECRETS_PREFIX`: what the names of the installation's SSM parameters begin with.
    pub secrets_prefix: String,
    /// `REPOSITORY_HOSTS` (comma-separated) and `ALLOW_LOOPBACK_REPOSITORIES` (`true` on a laptop only).
    pub repositories: RepositoryPolicy,
    /// `SITES_ORIGIN`: where sites live, such as `https://sites.example.net`; empty when there is no sites domain.
    pub sites_origin: Option<String>,
}

impl Config {
    /// Reads the environment.
    pub fn from_env(environment: &Environment) -> Result<Self, Missing> {
        Ok(Self {
            projects_table: environment.required("PROJECTS_TABLE")?,
            secrets_prefix: environment.required("SECRETS_PREFIX")?,
            repositories: RepositoryPolicy {
                hosts: environment.list("REPOSITORY_HOSTS")?,
                allow_loopback: environment.parsed("ALLOW_LOOPBACK_REPOSITORIES")?,
            },
            sites_origin: environment.optional("SITES_ORIGIN").map(str::to_owned),
        })
    }
}
