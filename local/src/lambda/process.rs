//! One function process and the invocation it works on.

use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};
use tokio::task::AbortHandle;

use super::answer::Answer;
use super::pool::Pool;

/// The Lambda service gives an init phase 10 s ("Lambda execution environment lifecycle").
const INIT: Duration = Duration::from_secs(10);

/// One request for one process.
pub struct Invocation {
    /// Request id.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// Where the answer goes; `None` if the process died before it saw the request.
    pub reply: oneshot::Sender<Option<Answer>>,
    /// The concurrency this request occupies.
    pub permit: OwnedSemaphorePermit,
}

/// A process as pool, Runtime API and exit watcher share it.
pub struct Process {
    /// The kernel's id, also the id of its process group.
    pub pid: i32,
    /// The function's ARN, told with each request.
    pub arn: String,
    timeout: Duration,
    pool: Weak<Pool>,
    state: Mutex<State>,
    wake: Notify,
    /// Asks the exit watcher to kill the process.
    pub stop: Notify,
}

#[derive(Default)]
struct State {
    dead: bool,
    ready: bool,
    end: Option<End>,
    pending: Option<Invocation>,
    running: Option<Running>,
    init_error: Option<Bytes>,
}

/// Why the platform ended a process.
#[derive(Clone, Copy, PartialEq)]
pub enum End {
    /// The function's timeout passed.
    TimedOut,
    /// It did not ask for work within 10 s.
    InitTimedOut,
    /// It was idle, or the platform stops.
    Reaped,
}

struct Running {
    request_id: String,
    reply: Option<oneshot::Sender<Option<Answer>>>,
    watchdog: AbortHandle,
    _permit: OwnedSemaphorePermit,
}

/// What `next` hands to the process.
pub struct Work {
    /// Request id.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// How long the process has.
    pub timeout: Duration,
}

impl Process {
    /// A process that was just started.
    pub fn new(pid: i32, arn: String, timeout: Duration, pool: Weak<Pool>) -> Self {
        Self { pid, arn, timeout, pool, state: Mutex::default(), wake: Notify::new(), stop: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the process its next request; gives it back if the process is dead.
    ///
    /// # Errors
    /// The process is dead.
    pub fn assign(&self, invocation: Invocation) -> Result<(), Box<Invocation>> {
        let mut state = self.state();
        if state.dead || state.end.is_some() {
            return Err(Box::new(invocation));
        }
        state.pending = Some(invocation);
        self.wake.notify_one();
        Ok(())
    }

    /// Ends the process for the given reason.
    pub fn end(&self, reason: End) {
        self.state().end.get_or_insert(reason);
        self.stop.notify_one();
    }

    /// Ends the process if it asks for no work within the init phase.
    pub fn watch_init(self: &std::sync::Arc<Self>) {
        let process = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(INIT).await;
            let late = {
                let state = process.state();
                !state.ready && !state.dead
            };
            if late {
                process.end(End::InitTimedOut);
            }
        });
    }

    /// Waits for work.
    pub async fn next(self: &std::sync::Arc<Self>) -> Work {
        loop {
            if let Some(work) = self.take_work() {
                return work;
            }
            self.wake.notified().await;
        }
    }

    fn take_work(self: &std::sync::Arc<Self>) -> Option<Work> {
        let mut state = self.state();
        state.ready = true;
        if let Some(mut unanswered) = state.running.take() {
            unanswered.watchdog.abort();
            if let Some(reply) = unanswered.reply.take() {
                _ = reply
                    .send(Some(Answer::failed("Runtime.NoResponse", "the function asked for work before it answered")));
            }
        }
        let invocation = state.pending.take()?;
        let (process, timeout) = (self.clone(), self.timeout);
        let watchdog = tokio::spawn(async move {
            tokio::time::sleep(timeout).await;
            process.end(End::TimedOut);
        });
        state.running = Some(Running {
            request_id: invocation.request_id.clone(),
            reply: Some(invocation.reply),
            watchdog: watchdog.abort_handle(),
            _permit: invocation.permit,
        });
        Some(Work { request_id: invocation.request_id, payload: invocation.payload, timeout })
    }

    /// Takes the right to answer a request, once.
    pub fn take_reply(&self, request_id: &str) -> Option<oneshot::Sender<Option<Answer>>> {
        self.state().running.as_mut().filter(|running| running.request_id == request_id)?.reply.take()
    }

    /// The request is done: the process may take the next one.
    pub fn finish(self: &std::sync::Arc<Self>, request_id: &str) {
        let finished = {
            let mut state = self.state();
            match state.running.take_if(|running| running.request_id == request_id) {
                Some(running) => {
                    running.watchdog.abort();
                    !state.dead && state.end.is_none()
                }
                None => false,
            }
        };
        if finished && let Some(pool) = self.pool.upgrade() {
            pool.give_back(self.clone());
        }
    }

    /// Keeps what the runtime reported from its init phase.
    pub fn init_failed(&self, error: Bytes) {
        self.state().init_error = Some(error);
    }

    /// The process is gone: answers whoever waits for it.
    pub fn gone(&self, status: Option<ExitStatus>) {
        let (running, pending, answer, ready) = {
            let mut state = self.state();
            state.dead = true;
            let request_id = state.running.as_ref().map(|running| running.request_id.clone()).unwrap_or_default();
            let answer = match (state.end, state.init_error.take()) {
                (_, Some(error)) => Answer::Failed(error),
                (Some(End::TimedOut), _) => {
                    let seconds = self.timeout.as_secs_f64();
                    Answer::failed(
                        "Sandbox.Timedout",
                        &format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"),
                    )
                }
                (Some(End::InitTimedOut), _) => {
                    Answer::failed("Sandbox.Timedout", "Error: the function did not ask for work within 10 seconds")
                }
                _ => {
                    let status = status.map_or_else(|| "unknown status".to_owned(), |status| status.to_string());
                    let message = format!("RequestId: {request_id} Error: Runtime exited with error: {status}");
                    Answer::failed("Runtime.ExitError", &message)
                }
            };
            (state.running.take(), state.pending.take(), answer, state.ready)
        };
        let reply = running.and_then(|mut running| {
            running.watchdog.abort();
            running.reply.take()
        });
        if let Some(reply) = reply {
            _ = reply.send(Some(answer));
        } else if let Some(pending) = pending {
            // A process that once worked may have died between two requests: the next one is not to blame.
            _ = pending.reply.send(if ready { None } else { Some(answer) });
        }
    }
}
