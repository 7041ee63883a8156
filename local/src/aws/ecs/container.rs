//! One container: a process from its start until nothing of it is left.

use std::fs::OpenOptions;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::census::{CONTAINER_VARIABLE, Census, TASK_VARIABLE};
use super::process::{self, Identity};

/// How often the processes of a running container are counted, so that one which cuts every tie is known before.
const COUNTING: Duration = Duration::from_millis(250);
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a container needs to start.
pub struct Plan {
    pub task: String,
    pub name: String,
    pub executable: PathBuf,
    pub command: Vec<String>,
    /// Later entries win.
    pub environment: Vec<(String, String)>,
    pub work: PathBuf,
    pub log: PathBuf,
    pub stop_timeout: Duration,
}

/// A started container.
pub struct Running {
    child: Child,
    census: Census,
    kills_before: Option<u64>,
    stop_timeout: Duration,
    /// Its first process.
    pub identity: Option<Identity>,
}

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub exit_code: i32,
    pub reason: Option<String>,
}

impl Plan {
    /// Starts the process: own group, own empty directory, nothing inherited but what the plan names.
    pub fn start(self) -> std::io::Result<Running> {
        std::fs::create_dir_all(&self.work)?;
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mark = format!("{CONTAINER_VARIABLE}={}-{}", self.task, self.name);
        let kills_before = process::out_of_memory_kills();
        let child = Command::new(&self.executable)
            .args(&self.command)
            .env_clear()
            .env("PATH", PATH)
            .envs(self.environment)
            .env(TASK_VARIABLE, &self.task)
            .env(CONTAINER_VARIABLE, format!("{}-{}", self.task, self.name))
            .current_dir(&self.work)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        let identity = pid.and_then(process::read).map(|found| found.identity);
        let census = Census::new(mark, identity);
        Ok(Running { child, census, kills_before, stop_timeout: self.stop_timeout, identity })
    }
}

impl Running {
    /// Waits until the first process ends by itself or `stop` says so, then ends whatever is left.
    pub async fn finish(mut self, mut stop: watch::Receiver<bool>) -> End {
        let mut counting = interval(COUNTING);
        counting.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (status, by_us) = loop {
            tokio::select! {
                status = self.child.wait() => break (status, false),
                () = told(&mut stop) => break (self.stop().await, true),
                _ = counting.tick() => {
                    self.census.take();
                }
            }
        };
        self.census.kill().await;
        match status {
            Ok(status) => self.end(status, by_us),
            Err(error) => End { exit_code: 255, reason: Some(format!("the process was lost: {error}")) },
        }
    }

    async fn stop(&mut self) -> std::io::Result<ExitStatus> {
        let (child, census) = (&mut self.child, &mut self.census);
        // Waiting at the same time lets the process go instead of staying as a zombie.
        let (status, ()) = tokio::join!(child.wait(), census.end(self.stop_timeout));
        status
    }

    fn end(&self, status: ExitStatus, by_us: bool) -> End {
        let exit_code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(255);
        // The kernel says that it killed somebody; that it was this one follows from a SIGKILL nobody here sent.
        let kills = process::out_of_memory_kills();
        let out_of_memory = !by_us && status.signal() == Some(9) && kills > self.kills_before;
        let reason = out_of_memory.then(|| "OutOfMemoryError: Container killed due to memory usage".to_owned());
        End { exit_code, reason }
    }
}

/// Returns when a stop is told, or when whoever could tell it is gone.
pub async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Whether a file can be run.
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}
