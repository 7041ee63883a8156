//! The processes of one function: one request each at a time, more under load, fewer when idle.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::answer::{Answer, InvokeError};
use super::process::{End, Invocation, Process};
use super::{LARGEST_PAYLOAD, leftovers, runtime_api};
use crate::template::{Function, REGION};

/// Processes of a function without reserved concurrency. More requests wait, because this limit is the laptop's and
/// not Lambda's (whose default of 1,000 throttles).
const UNRESERVED: usize = 32;

/// What every process of the platform is given besides the template's variables.
#[derive(Debug, Clone)]
pub struct Environment {
    /// `PATH`, the only variable of the platform's own environment that is passed on.
    pub path: String,
    /// `AWS_ENDPOINT_URL`.
    pub endpoint: String,
    /// Folder of the functions' logs.
    pub logs: PathBuf,
    /// Folder of the files that name running processes.
    pub processes: PathBuf,
}

/// The processes of one function.
pub struct Pool {
    /// The function.
    pub function: Function,
    binary: PathBuf,
    secret: String,
    environment: Environment,
    permits: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stopping: bool,
    idle: Vec<(Arc<Process>, Instant)>,
    all: Vec<Arc<Process>>,
}

impl Pool {
    /// A pool without processes; the first request starts one. `secret` signs the function's AWS calls.
    pub fn new(function: Function, binary: PathBuf, secret: String, environment: Environment) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(function.concurrency.unwrap_or(UNRESERVED)));
        Arc::new(Self { function, binary, secret, environment, permits, state: Mutex::default() })
    }

    /// Processes: all of them, and those without work.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.all.len(), state.idle.len())
    }

    /// Runs the function once.
    ///
    /// # Errors
    /// The function was not run: throttled, payload too large, no process.
    pub async fn invoke(self: &Arc<Self>, request_id: &str, payload: Bytes) -> Result<Answer, InvokeError> {
        if payload.len() > LARGEST_PAYLOAD {
            return Err(InvokeError::TooLarge { size: payload.len(), limit: LARGEST_PAYLOAD });
        }
        loop {
            let permit = self.permit().await?;
            let (reply, answer) = oneshot::channel();
            let (request_id, payload) = (request_id.to_owned(), payload.clone());
            let process = self.process().await?;
            if process.assign(Invocation { request_id, payload, reply, permit }).is_err() {
                continue;
            }
            if let Ok(Some(answer)) = answer.await {
                return Ok(answer);
            }
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, InvokeError> {
        if self.function.concurrency.is_some() {
            return self.permits.clone().try_acquire_owned().map_err(|_| InvokeError::Throttled);
        }
        self.permits.clone().acquire_owned().await.map_err(|_| InvokeError::Stopping)
    }

    async fn process(self: &Arc<Self>) -> Result<Arc<Process>, InvokeError> {
        {
            let mut state = self.state();
            if state.stopping {
                return Err(InvokeError::Stopping);
            }
            // The one used last: the others grow old and are reaped.
            if let Some((process, _)) = state.idle.pop() {
                return Ok(process);
            }
        }
        self.start().await.map_err(|source| InvokeError::Spawn { binary: self.binary.display().to_string(), source })
    }

    async fn start(self: &Arc<Self>) -> std::io::Result<Arc<Process>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let log = self.environment.logs.join(format!("{}.log", self.function.id));
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(&self.binary);
        command
            .env_clear()
            .envs(self.variables(&listener.local_addr()?.to_string()))
            .current_dir(self.binary.parent().unwrap_or(&self.binary))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true);
        let child = command.spawn()?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
        let record = leftovers::record(&self.environment.processes, pid, &self.binary);
        let process = Process::new(pid, self.function.arn.clone(), self.function.timeout, Arc::downgrade(self));
        let process = Arc::new(process);
        process.watch_init();
        self.state().all.push(process.clone());
        let api = tokio::spawn(axum::serve(listener, runtime_api::router(process.clone())).into_future());
        let (pool, watched) = (self.clone(), process.clone());
        tokio::spawn(async move {
            let status = until_exit(child, &watched).await;
            pool.forget(&watched);
            watched.gone(status);
            api.abort();
            leftovers::forget(record);
        });
        Ok(process)
    }

    fn variables(&self, runtime_api: &str) -> Vec<(String, String)> {
        let function = &self.function;
        let folder = self.binary.parent().unwrap_or(&self.binary).display().to_string();
        let mut variables: Vec<(String, String)> = [
            ("PATH", self.environment.path.clone()),
            ("TZ", ":UTC".to_owned()),
            ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "laptop".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", self.environment.endpoint.clone()),
            // The access key is the function's logical id: so every AWS call names its function.
            ("AWS_ACCESS_KEY_ID", function.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret.clone()),
            ("LAMBDA_TASK_ROOT", folder),
            ("_HANDLER", function.handler.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        variables.extend(function.log_level.clone().map(|level| ("AWS_LAMBDA_LOG_LEVEL".to_owned(), level)));
        variables.extend(function.environment.clone());
        variables
    }

    /// Takes a process back that finished its request.
    pub(super) fn give_back(&self, process: Arc<Process>) {
        let mut state = self.state();
        if state.stopping {
            process.end(End::Reaped);
        } else {
            state.idle.push((process, Instant::now()));
        }
    }

    /// Ends processes that had no work for `idle`.
    pub fn reap(&self, idle: Duration) {
        let old: Vec<_> = self.state().idle.extract_if(.., |(_, since)| since.elapsed() >= idle).collect();
        old.iter().for_each(|(process, _)| process.end(End::Reaped));
    }

    /// Ends all processes; those with work have until the function's timeout, at most 5 s.
    pub async fn shutdown(&self) {
        let grace = self.function.timeout.min(Duration::from_secs(5));
        let idle = {
            let mut state = self.state();
            state.stopping = true;
            std::mem::take(&mut state.idle)
        };
        idle.iter().for_each(|(process, _)| process.end(End::Reaped));
        let deadline = Instant::now() + grace;
        while self.counts().0 > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let rest = self.state().all.clone();
        rest.iter().for_each(|process| process.end(End::Reaped));
    }

    fn forget(&self, process: &Arc<Process>) {
        let mut state = self.state();
        state.all.retain(|other| !Arc::ptr_eq(other, process));
        state.idle.retain(|(other, _)| !Arc::ptr_eq(other, process));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn until_exit(mut child: Child, process: &Process) -> Option<std::process::ExitStatus> {
    let status = tokio::select! {
        status = child.wait() => status.ok(),
        () = process.stop.notified() => None,
    };
    // Also what the function itself started.
    if let Some(group) = Pid::from_raw(process.pid) {
        _ = kill_process_group(group, Signal::KILL);
    }
    match status {
        Some(status) => Some(status),
        None => child.wait().await.ok(),
    }
}
