//! Lines of a build's log.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was printed.
    pub at: Timestamp,
    /// What was going on.
    pub stage: Stage,
    /// Who printed it.
    pub stream: Stream,
    /// The text without its line end; ANSI sequences are kept.
    pub text: String,
}

/// The stages of a build, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Fetching the commit.
    Clone,
    /// Installing dependencies.
    Install,
    /// Running the build command.
    Build,
    /// Hashing, compressing and uploading.
    Upload,
}

/// Who printed a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// The command's standard output.
    Stdout,
    /// The command's standard error.
    Stderr,
    /// Slipway itself.
    Slipway,
}
