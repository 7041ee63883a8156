//! What a deployment is for.

use serde::{Deserialize, Serialize};

/// Where a deployment may be shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// It becomes the live site when it is ready.
    #[default]
    Production,
    /// It has its own address only.
    Preview,
}

impl std::fmt::Display for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Environment::Production => "production",
            Environment::Preview => "preview",
        })
    }
}
