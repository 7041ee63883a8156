//! Every rule of a deployment's life.

use std::time::Duration;

use super::{Deployment, Exit, Failure, FailureCode, Signal, Status, Task, TaskEvent};
use crate::Timestamp;

/// What a signal does to a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The deployment is now this; write it if its revision is still the one that was read.
    Moved(Box<Deployment>),
    /// Old news: a duplicate, an overtaken event, or a signal to a deployment that is over. Nothing to write.
    Stale,
    /// Its time has not come: an event of an attempt that is not recorded yet, or a timeout before the deadline.
    /// Deliver it again later.
    Early,
}

impl Deployment {
    /// Grants a waiting deployment its turn: the first attempt may start, with this ticket for its builder.
    pub fn start(&self, ticket: String, now: Timestamp) -> Outcome {
        match (&self.status, self.attempt) {
            (Status::Queued, 0) => self.moved(now, |next| next.begin_attempt(1, ticket, now)),
            _ => Outcome::Stale,
        }
    }

    /// What this signal does. Terminal states absorb everything; status only moves forward, except that a lost task
    /// sends the deployment back to the queue for its next attempt.
    pub fn apply(&self, signal: Signal, now: Timestamp) -> Outcome {
        if self.status.is_terminal() {
            return Outcome::Stale;
        }
        match signal {
            Signal::TaskStarted(event) => self.task_started(event, now),
            Signal::TaskStopped(event, exit) => self.task_stopped(event, exit, now),
            // A builder whose task was given up speaks for nobody: the next attempt has begun.
            Signal::Committed { attempt } | Signal::Failed { attempt, .. } if attempt != self.attempt => Outcome::Stale,
            Signal::Committed { .. } => self.ended(Status::Ready, now),
            Signal::Failed { failure, .. } => self.ended(Status::Failed { failure }, now),
            Signal::Canceled => self.ended(Status::Canceled { superseded: false }, now),
            Signal::Superseded if self.attempt == 0 => self.ended(Status::Canceled { superseded: true }, now),
            Signal::Superseded => Outcome::Stale,
            Signal::TimedOut => self.timed_out(now),
        }
    }

    /// Records that ECS has accepted the current attempt's task. Nothing to do when its events came first.
    pub fn dispatched(&self, task: String, now: Timestamp) -> Outcome {
        match (&self.status, &self.task) {
            (Status::Queued, None) if self.attempt > 0 => {
                self.moved(now, |next| next.task = Some(Task { arn: task, version: 0 }))
            }
            _ => Outcome::Stale,
        }
    }

    /// Records the token that a builder made for itself in exchange for the ticket. The same token again is accepted.
    pub fn register(&self, ticket: &str, token: crate::Sha256, now: Timestamp) -> Outcome {
        if self.status.is_terminal() || self.token_sha256.is_some() {
            return Outcome::Stale;
        }
        match &self.ticket {
            Some(expected) if crate::secret::same(expected.as_bytes(), ticket.as_bytes()) => self.moved(now, |next| {
                next.token_sha256 = Some(token);
            }),
            _ => Outcome::Stale,
        }
    }

    fn task_started(&self, event: TaskEvent, now: Timestamp) -> Outcome {
        if let Some(outcome) = self.not_current(&event) {
            return outcome;
        }
        if self.status == Status::Releasing {
            return Outcome::Stale;
        }
        self.moved(now, |next| {
            next.status = Status::Building;
            next.task = Some(Task { arn: event.task, version: event.version });
        })
    }

    fn task_stopped(&self, event: TaskEvent, exit: Exit, now: Timestamp) -> Outcome {
        if let Some(outcome) = self.not_current(&event) {
            return outcome;
        }
        let again = matches!(exit, Exit::Lost { .. }) && self.attempt < Self::MOST_ATTEMPTS;
        if again {
            // The ticket is the caller's to make: a used one must not open the next attempt.
            return self.moved(now, |next| {
                next.status = Status::Queued;
                next.attempt += 1;
                next.ticket = None;
                next.token_sha256 = None;
                next.task = None;
                next.deadline = Some(now.plus(attempt_time()));
            });
        }
        self.moved(now, |next| {
            next.task = Some(Task { arn: event.task, version: event.version });
            next.end(Status::Failed { failure: failure_of(exit) });
        })
    }

    fn timed_out(&self, now: Timestamp) -> Outcome {
        match self.deadline {
            None => Outcome::Early,
            Some(deadline) if now < deadline => Outcome::Early,
            Some(_) => self.ended(Status::Failed { failure: self.overdue() }, now),
        }
    }

    /// What to say of a build that is not ready in time.
    fn overdue(&self) -> Failure {
        match self.status {
            // A builder that has registered runs, whatever became of the event that says so.
            Status::Queued if self.token_sha256.is_none() => Failure::new(
                FailureCode::TaskLost,
                "The build's task did not start; check the cluster's capacity, subnets and task definition, and deploy again.",
            ),
            _ => {
                let minutes = Self::BUILD_SECONDS / 60;
                let message = format!("The build was not ready after {minutes} minutes; make it do less, or split it.");
                Failure::new(FailureCode::TimedOut, message)
            }
        }
    }

    /// Whether an event of a task is to be ignored or to wait.
    fn not_current(&self, event: &TaskEvent) -> Option<Outcome> {
        if event.attempt > self.attempt {
            return Some(Outcome::Early);
        }
        let seen = self.task.as_ref().map_or(0, |task| task.version);
        (event.attempt < self.attempt || event.version <= seen).then_some(Outcome::Stale)
    }

    fn ended(&self, status: Status, now: Timestamp) -> Outcome {
        self.moved(now, |next| next.end(status))
    }

    fn moved(&self, now: Timestamp, change: impl FnOnce(&mut Deployment)) -> Outcome {
        let mut next = Box::new(self.clone());
        next.updated_at = now.max(self.updated_at);
        next.revision += 1;
        change(&mut next);
        Outcome::Moved(next)
    }

    /// Gives the current attempt its ticket; used when a lost task sent the deployment back to the queue.
    pub fn with_ticket(&self, ticket: String, now: Timestamp) -> Outcome {
        match (&self.status, &self.ticket, self.attempt) {
            (Status::Queued, None, attempt) if attempt > 0 => {
                self.moved(now, |next| next.begin_attempt(attempt, ticket, now))
            }
            _ => Outcome::Stale,
        }
    }

    fn begin_attempt(&mut self, attempt: u32, ticket: String, now: Timestamp) {
        self.attempt = attempt;
        self.ticket = Some(ticket);
        self.deadline = Some(now.plus(attempt_time()));
    }

    /// A finished deployment holds no secret: nobody can register or upload for it any more.
    fn end(&mut self, status: Status) {
        self.status = status;
        self.ticket = None;
        self.deadline = None;
    }
}

fn attempt_time() -> Duration {
    Duration::from_secs(Deployment::START_SECONDS + Deployment::BUILD_SECONDS)
}

fn failure_of(exit: Exit) -> Failure {
    match exit {
        Exit::OutOfMemory | Exit::Code { code: 137 } => Failure::new(
            FailureCode::OutOfMemory,
            "The build was ended because it needed more memory than its task has; make it use less memory, or give builds more.",
        ),
        Exit::Code { code } => Failure::new(
            FailureCode::BuilderExited,
            format!(
                "The builder ended with exit code {code} before the files were stored; the log's last lines say more."
            ),
        ),
        Exit::ImageUnavailable { detail } => Failure::new(
            FailureCode::ImageUnavailable,
            format!(
                "The builder's image could not be fetched ({detail}); check the image's address and the task's network."
            ),
        ),
        Exit::Lost { detail } => {
            Failure::new(FailureCode::TaskLost, format!("The build's task was lost twice ({detail}); deploy again."))
        }
    }
}
