//! What to run, read from the repository's own files: which package manager installs, which script builds.

mod lockfiles;
mod package_json;

pub use lockfiles::{Manager, Tool};
pub use package_json::PackageJson;

use std::path::Path;

use domain::upload::BuildSettings;

/// What to run in the app's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The package manager; none for a directory of plain files.
    pub tool: Option<Tool>,
    /// Installs dependencies.
    pub install: Option<Vec<String>>,
    /// Builds.
    pub build: Option<Vec<String>>,
}

/// Why a repository's files make no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// `package.json` is no JSON object.
    #[error("package.json cannot be read: {0}; correct it and push again")]
    PackageJson(String),
    /// A file cannot be read at all.
    #[error("{0} cannot be read: {1}")]
    File(&'static str, std::io::Error),
}

impl Plan {
    /// The plan for this directory under these settings.
    pub fn of(directory: &Path, settings: &BuildSettings) -> Result<Self, PlanError> {
        let package = PackageJson::read(directory)?;
        let tool = package.as_ref().map(|package| Tool::detect(directory, package)).transpose()?;
        let shell = |command: &String| {
            let command = command.trim();
            (!command.is_empty()).then(|| tool.as_ref().map_or_else(|| sh(command), |tool| tool.shell(command)))
        };
        let install = match &settings.install_command {
            Some(command) => shell(command),
            None => tool.as_ref().map(Tool::install),
        };
        let has_build = package.is_some_and(|package| package.scripts.contains_key("build"));
        let build = match &settings.build_command {
            Some(command) => shell(command),
            None => tool.as_ref().filter(|_| has_build).map(|tool| tool.script("build")),
        };
        Ok(Self { tool, install, build })
    }
}

fn sh(command: &str) -> Vec<String> {
    ["sh", "-c", command].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests;
