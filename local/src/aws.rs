//! The AWS services behind the laptop platform, each over durable state of its own.
//!
//! Every back end is a cheap-to-clone struct whose `handle` answers one HTTP request in the service's wire protocol.
//! None of them assumes a sole caller, but each owns its directory: run one platform per state directory.

pub mod clock;
pub mod credentials;
pub mod durable;
pub mod dynamodb;
pub mod ecs;
pub mod keyvalue;
pub mod reply;
pub mod s3;
#[cfg(test)]
mod testing;

use std::path::{Path, PathBuf};

/// Why a back end could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("cannot {what} {path}: {source}; check that the state directory is writable and not full")]
    File {
        /// What was attempted, as a verb.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A state file holds something this version cannot read.
    #[error("{path} cannot be read: {reason}; move it away to start without it")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A table on disk has another schema than the template.
    #[error(
        "table {table} exists with another schema than the template: {difference}; rename the table in the template or \
         delete {path} to start with empty tables"
    )]
    Schema {
        /// The table's name.
        table: String,
        /// Both sides of the first difference.
        difference: String,
        /// The database file.
        path: PathBuf,
    },
    /// The DynamoDB engine refused a table.
    #[error("the DynamoDB engine refused {what}: {reason}")]
    Engine {
        /// What was asked of it.
        what: String,
        /// Its answer.
        reason: String,
    },
    /// A resource of the template asks for something the laptop cannot do.
    #[error("{resource}: {reason}")]
    Template {
        /// Which resource.
        resource: String,
        /// What to change.
        reason: String,
    },
}

impl Error {
    /// Wraps an I/O error with what was attempted and where.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}
