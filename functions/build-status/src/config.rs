//! The environment of this function.

use builds::Settings;
use web::{Environment, Missing};

/// What `template.yaml` sets for this function.
#[derive(Debug, Clone)]
pub struct Config {
    /// `DEPLOYMENTS_TABLE`: the table's name.
    pub deployments_table: String,
    /// `BUILD_CLUSTER`, `BUILD_TASK_DEFINITION`, `BUILD_SUBNETS` (comma-separated), `BUILD_SECURITY_GROUP`.
    pub builds: Settings,
}

impl Config {
    /// Reads the environment.
    pub fn from_env(environment: &Environment) -> Result<Self, Missing> {
        Ok(Self {
            deployments_table: environment.required("DEPLOYMENTS_TABLE")?,
            builds: Settings {
                cluster: environment.required("BUILD_CLUSTER")?,
                task_definition: environment.required("BUILD_TASK_DEFINITION")?,
                subnets: environment.list("BUILD_SUBNETS")?,
                security_group: environment.required("BUILD_SECURITY_GROUP")?,
            },
        })
    }
}
