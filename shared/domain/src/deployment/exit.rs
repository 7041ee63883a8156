//! How a task ended, told from what ECS says of it (events and `DescribeTasks` say it in the same words).

use serde::{Deserialize, Serialize};

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Exit {
    /// Its container ran and ended with this code.
    Code {
        /// The container's exit code.
        code: i32,
    },
    /// Its container was ended for using more memory than it has.
    OutOfMemory,
    /// Its image could not be fetched.
    ImageUnavailable {
        /// What ECS said.
        detail: String,
    },
    /// It never ran, or was taken away (Spot): worth another attempt.
    Lost {
        /// What ECS said.
        detail: String,
    },
}

impl Exit {
    /// From `stopCode`, `stoppedReason`, and the builder container's `exitCode` and `reason`.
    pub fn of(
        stop_code: Option<&str>,
        stopped_reason: Option<&str>,
        exit_code: Option<i32>,
        container_reason: Option<&str>,
    ) -> Exit {
        let reasons = [container_reason.unwrap_or_default(), stopped_reason.unwrap_or_default()];
        let says = |word: &str| reasons.iter().any(|reason| reason.contains(word));
        let detail = reasons.iter().find(|reason| !reason.is_empty()).unwrap_or(&"no reason given").to_string();
        if says("OutOfMemory") {
            return Exit::OutOfMemory;
        }
        if says("CannotPullContainerError") || says("CannotPullImage") {
            return Exit::ImageUnavailable { detail };
        }
        match (stop_code, exit_code) {
            (Some("SpotInterruption" | "TerminationNotice"), _) => Exit::Lost { detail },
            (_, Some(code)) => Exit::Code { code },
            (_, None) => Exit::Lost { detail },
        }
    }
}
