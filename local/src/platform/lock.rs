//! One platform per state folder.

use std::fs::{self, File};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use serde_json::Value;

use super::StartError;

/// The lock; the kernel releases it when the process ends, however it ends.
pub struct Lock(#[expect(dead_code, reason = "held open, never read")] File);

impl Lock {
    /// Takes the lock of a state folder.
    ///
    /// # Errors
    /// Another platform has it.
    pub fn take(state: &Path) -> Result<Self, StartError> {
        let file = File::create(state.join("lock"));
        let file = file.map_err(|source| StartError::State { what: "create the lock file", source })?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            return Ok(Self(file));
        }
        let announced = fs::read(state.join("platform.json")).ok();
        let announced: Option<Value> = announced.and_then(|content| serde_json::from_slice(&content).ok());
        let who = announced.map_or_else(
            || "still starting".to_owned(),
            |found| format!("process {}, {}", found["pid"], found["public"].as_str().unwrap_or_default()),
        );
        Err(StartError::Running { state: state.to_owned(), who })
    }
}
