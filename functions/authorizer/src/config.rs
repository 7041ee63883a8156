//! The environment of this function.

use web::{Environment, Missing};

/// What `template.yaml` sets for this function.
#[derive(Debug, Clone)]
pub struct Config {
    /// `USERS_TABLE`: the table's name.
    pub users_table: String,
}

impl Config {
    /// Reads the environment.
    pub fn from_env(environment: &Environment) -> Result<Self, Missing> {
        Ok(Self { users_table: environment.required("USERS_TABLE")? })
    }
}
