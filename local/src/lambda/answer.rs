//! What an invocation ends with.

use axum::body::Bytes;
use serde_json::json;
use tokio::sync::mpsc;

/// What a function answered.
#[derive(Debug)]
pub enum Answer {
    /// The whole payload.
    Buffered(Bytes),
    /// A stream; the function may still be running.
    Stream {
        /// The content type the runtime announced.
        content_type: String,
        /// Chunks, as they come.
        body: mpsc::Receiver<Result<Bytes, Broken>>,
    },
    /// The function failed: its own error, a crash, a timeout. The payload is the error object.
    Failed(Bytes),
}

/// A stream that ended before its end.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the function's answer broke off: {0}")]
pub struct Broken(pub String);

/// Why a function was not run.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// All reserved executions are busy.
    #[error("Rate Exceeded.")]
    Throttled,
    /// The payload is too large.
    #[error("{size} bytes exceed the maximum of {limit} bytes")]
    TooLarge {
        /// Of the payload.
        size: usize,
        /// What Lambda takes.
        limit: usize,
    },
    /// The process cannot be started.
    #[error("cannot start {binary}: {source}. Build the functions and give their folder with --bin-dir")]
    Spawn {
        /// The executable.
        binary: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The platform is stopping.
    #[error("the platform is stopping")]
    Stopping,
}

impl Answer {
    /// A failure in Lambda's shape.
    pub fn failed(kind: &str, message: &str) -> Self {
        Self::Failed(json!({ "errorType": kind, "errorMessage": message }).to_string().into())
    }
}
