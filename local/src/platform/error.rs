//! Why the platform does not start.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::template::TemplateError;

/// Why the platform does not start, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another platform runs on the same state.
    #[error("another platform runs on {state} ({who}). Stop it, or give another folder with --state")]
    Running {
        /// The folder.
        state: PathBuf,
        /// Process and address.
        who: String,
    },
    /// A port cannot be had.
    #[error("cannot listen on {address}: {source}. Stop what listens there, or give another port with {flag}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// The flag that changes it.
        flag: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// The template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Executables are missing.
    #[error("{} has no executables for: {missing}. Build the functions, or give their folder with --bin-dir", folder.display())]
    Binaries {
        /// Where they were looked for.
        folder: PathBuf,
        /// Their names.
        missing: String,
    },
    /// The distribution's origin is not one of the template's function URLs.
    #[error(
        "the distribution's origin {0} is no function URL of the template: the laptop platform knows no other origin"
    )]
    Origin(String),
    /// A back end.
    #[error(transparent)]
    BackEnd(#[from] crate::aws::Error),
    /// The edge function.
    #[error(transparent)]
    Edge(#[from] crate::edge::Error),
    /// The disk.
    #[error("cannot {what}: {source}. Check that the state folder is writable and the disk not full")]
    State {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}
