//! The environment of this function.

use builds::Settings;
use domain::RepositoryPolicy;
use web::{Environment, Missing};

/// What `template.yaml` sets for this function.
#[derive(Debug, Clone)]
pub struct Config {
    /// `PROJECTS_TABLE`: the table's name.
    pub projects_table: String,
    /// `DEPLOYMENTS_TABLE`: the table's name.
    pub deployments_table: String,
    /// `BUILD_CLUSTER`, `BUILD_TASK_DEFINITION`, `BUILD_SUBNETS` (comma-separated), `BUILD_SECURITY_GROUP`.
    pub builds: Settings,
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
            deployments_table: environment.required("DEPLOYMENTS_TABLE")?,
            builds: Settings {
                cluster: environment.required("BUILD_CLUSTER")?,
                task_definition: environment.required("BUILD_TASK_DEFINITION")?,
                subnets: environment.list("BUILD_SUBNETS")?,
                security_group: environment.required("BUILD_SECURITY_GROUP")?,
            },
            repositories: RepositoryPolicy {
                hosts: environment.list("REPOSITORY_HOSTS")?,
                allow_loopback: environment.parsed("ALLOW_LOOPBACK_REPOSITORIES")?,
            },
            sites_origin: environment.optional("SITES_ORIGIN").map(str::to_owned),
        })
    }
}
