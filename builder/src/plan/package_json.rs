//! The three facts of a `package.json` that matter here. Everything else in it may be of any shape.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::PlanError;

/// What a `package.json` says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PackageJson {
    /// `name@version`, as corepack writes it.
    pub package_manager: Option<String>,
    /// Its scripts by name.
    pub scripts: BTreeMap<String, Value>,
}

impl PackageJson {
    /// Reads the one in this directory; `None` when there is none.
    pub fn read(directory: &Path) -> Result<Option<Self>, PlanError> {
        match read(&directory.join("package.json")) {
            Ok(text) => serde_json::from_str(text.trim_start_matches('\u{feff}'))
                .map(Some)
                .map_err(|error| PlanError::PackageJson(error.to_string())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PlanError::File("package.json", error)),
        }
    }
}

/// Reads a file of the repository. A link could point at anything that this process may read, so it is not followed.
pub(super) fn read(path: &Path) -> std::io::Result<String> {
    if !is_own_file(path) && path.symlink_metadata().is_ok() {
        return Err(std::io::Error::other("it is not a plain file"));
    }
    std::fs::read_to_string(path)
}

/// Whether there is a plain file, not a link.
pub(super) fn is_own_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
}
