//! The environment of this function.

use domain::Sha256;
use web::{Environment, Missing};

/// What `template.yaml` sets for this function.
#[derive(Debug, Clone)]
pub struct Config {
    /// `USERS_TABLE`: the table's name.
    pub users_table: String,
    /// `CLAIM_CODE_SHA256`: the hash of the code that claims the installation; empty when it cannot be claimed.
    pub claim_code: Option<Sha256>,
}

impl Config {
    /// Reads the environment.
    pub fn from_env(environment: &Environment) -> Result<Self, Missing> {
        let claim_code = match environment.optional("CLAIM_CODE_SHA256") {
            Some(_) => Some(environment.parsed("CLAIM_CODE_SHA256")?),
            None => None,
        };
        Ok(Self { users_table: environment.required("USERS_TABLE")?, claim_code })
    }
}
