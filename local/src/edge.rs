//! The edge function: CloudFront Functions' JavaScript runtime 2.0 in an embedded engine.
//!
//! What differs from CloudFront: globals that a function changes live on until the thread's next failure (there, every
//! call starts fresh), and the limits are wall time and a larger heap instead of compute units.

mod answer;
mod runtime;
#[cfg(test)]
mod tests;
mod thread;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::aws::keyvalue::KeyValueStores;
use thread::Threads;

/// Why a function could not be loaded or gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The source is not a module with a `handler`.
    #[error("the edge function cannot be loaded: {0}")]
    Source(String),
    /// The function threw, or its promise was rejected.
    #[error("the edge function failed: {0}")]
    Thrown(String),
    /// The function ran too long, or waits for something that never comes.
    #[error("the edge function gave no answer within its limits: {0}")]
    Limits(String),
    /// The function answered something that is neither a request nor a response.
    #[error("the edge function's answer is refused: {0}")]
    Answer(String),
}

/// A loaded function, on threads of its own: an engine belongs to one thread.
#[derive(Clone)]
pub struct EdgeFunction {
    threads: Threads,
}

impl EdgeFunction {
    /// Loads `source`. `cf.kvs()` reads the store named by `arn`; without one it throws.
    ///
    /// # Errors
    /// When the source does not parse, throws while loading or has no function named `handler`.
    pub fn new(source: &str, store: KeyValueStores, arn: Option<String>) -> Result<Self, Error> {
        Ok(Self { threads: Threads::start(source, &store, arn.as_deref())? })
    }

    /// Runs the function on a viewer-request event: the answer is the request to go on with (it has a `uri`) or the
    /// response to give (it has a `statusCode`).
    ///
    /// # Errors
    /// When the function throws, exceeds its limits or answers anything else.
    pub async fn viewer_request(&self, event: Value) -> Result<Value, Error> {
        let (sender, receiver) = oneshot::channel();
        self.threads.run(event.to_string(), sender);
        let answer = receiver.await.map_err(|_| Error::Limits("its thread ended".to_owned()))??;
        answer::check(&answer)?;
        Ok(answer)
    }
}
