//! The environment of this function.

use web::{Environment, Missing};

/// What `template.yaml` sets for this function.
#[derive(Debug, Clone)]
pub struct Config {
    /// `PROJECTS_TABLE`: the table's name.
    pub projects_table: String,
    /// `EDGE_STORE_ARN`: the key-value store's ARN.
    pub edge_store_arn: String,
}

impl Config {
    /// Reads the environment.
    pub fn from_env(environment: &Environment) -> Result<Self, Missing> {
        Ok(Self {
            projects_table: environment.required("PROJECTS_TABLE")?,
            edge_store_arn: environment.required("EDGE_STORE_ARN")?,
        })
    }
}
