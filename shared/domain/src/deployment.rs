//! The life of a deployment: `queued → building → releasing → ready`, or `failed`, or `canceled`.
//!
//! [`Deployment::apply`] holds every rule. It is pure: the store reads a record, applies a signal and writes the result
//! under the condition that the record's `revision` is still the one that was read.

mod apply;
mod exit;
mod failure;
mod record;
mod signal;

pub use apply::Outcome;
pub use exit::Exit;
pub use failure::{Failure, FailureCode};
pub use record::{Deployment, NewDeployment, Status, Task};
pub use signal::{Signal, TaskEvent};
