//! Why a deployment failed, in a form a program can match and a person can act on. Listed in docs/errors.md.

use serde::{Deserialize, Serialize};

/// The reason of a failed deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable code.
    pub code: FailureCode,
    /// One sentence: what, where, what to try.
    pub message: String,
}

impl Failure {
    /// A failure with this code and sentence.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Stable codes of failed deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCode {
    /// The repository could not be fetched.
    CloneFailed,
    /// The install command failed, or its dependencies cannot be had.
    InstallFailed,
    /// The build command failed.
    BuildFailed,
    /// The build has no such output directory, or it is empty.
    OutputMissing,
    /// The output holds something that is not served: a link out of the directory, a device, a name that is no path.
    OutputRefused,
    /// More files or bytes than a deployment may have.
    OutputTooLarge,
    /// The files could not be uploaded or did not pass verification.
    UploadFailed,
    /// The build needed more memory than its task has.
    OutOfMemory,
    /// The build took longer than it may.
    TimedOut,
    /// The builder's image could not be fetched.
    ImageUnavailable,
    /// The task could not be started, or was lost.
    TaskLost,
    /// The builder ended without committing and without saying why.
    BuilderExited,
}
