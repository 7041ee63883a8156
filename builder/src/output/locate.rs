//! Finding the directory to publish.

use std::path::{Path, PathBuf};

use domain::FilePath;
use domain::deployment::{Failure, FailureCode};

/// Where build tools put a site, most telling first. `public` and `_site` come last: some tools read from them.
const BUILT: [&str; 6] = ["dist", "build", "out", ".output/public", "_site", "public"];

/// The directory to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its canonical path.
    pub directory: PathBuf,
    /// Whether it is the repository's own tree rather than a build's product: then `.git`, `node_modules` and hidden
    /// files are not part of the site.
    pub is_source: bool,
}

/// Finds the directory to publish below the app's directory: what the settings say, else what a build usually makes,
/// else, where nothing was built, the app's directory itself.
pub fn locate(app: &Path, setting: Option<&FilePath>, was_built: bool) -> Result<Output, Failure> {
    if let Some(name) = setting {
        let directory =
            within(app, name.as_str()).map_err(|why| missing(format!("the output directory {name} {why}")))?;
        return filled(Output { directory, is_source: false }, name.as_str());
    }
    if !was_built {
        let has_index = |name: &str| within(app, name).is_ok_and(|directory| directory.join("index.html").exists());
        let name = if !has_index(".") && has_index("public") { "public" } else { "." };
        let directory = within(app, name).map_err(|why| missing(format!("the root directory {why}")))?;
        return filled(Output { directory, is_source: true }, "the root directory");
    }
    let built = || BUILT.iter().filter_map(|name| within(app, name).ok());
    let directory = built().find(|directory| directory.join("index.html").is_file()).or_else(|| {
        // A `public` without index.html is what a build reads, not what it writes.
        built()
            .filter(|directory| !directory.ends_with("public") || directory.ends_with(".output/public"))
            .find(|d| !is_empty(d))
    });
    match directory {
        Some(directory) => Ok(Output { directory, is_source: false }),
        None => Err(missing(format!(
            "the build made none of {}; set the project's output directory to where it writes the site",
            BUILT.join(", ")
        ))),
    }
}

/// The canonical path of a directory below another; the error says what it is instead.
pub fn within(root: &Path, name: &str) -> Result<PathBuf, &'static str> {
    let Ok(root) = root.canonicalize() else { return Err("does not exist") };
    let Ok(directory) = root.join(name).canonicalize() else { return Err("does not exist") };
    if !directory.starts_with(&root) {
        return Err("is a link that leaves the repository");
    }
    if directory.is_dir() { Ok(directory) } else { Err("is not a directory") }
}

fn filled(output: Output, name: &str) -> Result<Output, Failure> {
    if is_empty(&output.directory) {
        return Err(missing(format!("{name} is empty; a site needs at least one file")));
    }
    Ok(output)
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

fn missing(message: String) -> Failure {
    Failure::new(FailureCode::OutputMissing, message)
}
