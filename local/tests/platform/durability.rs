use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local::platform::Platform;
use serde_json::{Value, json};

use crate::world::{PATIENCE, World, path, prepare, send, settings};

/// The real program on a folder.
struct Program {
    child: Running,
    aws: SocketAddr,
}

/// A process that is killed, as `kill -9` does, when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

impl Program {
    async fn start(folder: &Path) -> Self {
        let state = folder.join("state");
        _ = std::fs::remove_file(state.join("platform.json"));
        let child = Running(command(folder).stdout(Stdio::null()).spawn().unwrap());
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(content) = std::fs::read(state.join("platform.json")) {
                let found: Value = serde_json::from_slice(&content).unwrap();
                assert_eq!(found["pid"], child.0.id());
                let aws = found["aws"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
                return Self { child, aws };
            }
            assert!(Instant::now() < deadline, "the program did not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.env_clear().env("PATH", path()).args(["--port", "0", "--aws-port", "0", "--retry-delays", "0.05"]);
    command.arg("--template").arg(folder.join("template.yaml")).arg("--bin-dir").arg(folder.join("bin"));
    command.arg("--state").arg(folder.join("state"));
    command.arg("--parameter").arg(format!("Notes={}", folder.join("notes").display()));
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_event_survives_kill_nine() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let first = Program::start(folder.path()).await;
    let slow = json!({ "do": "sleep", "seconds": 60 }).to_string();
    let path = "/2015-03-31/functions/EchoFunction/invocations";
    send(first.aws, "POST", path, &[("x-amz-invocation-type", "Event")], slow.into()).await;
    let before = log_lines(folder.path(), 1).await;
    drop(first.child);
    let second = Program::start(folder.path()).await;
    let after = log_lines(folder.path(), 2).await;
    assert_eq!(after, [before[0].clone(), before[0].clone()], "the same request once more");
    drop(second.child);
    local::lambda::leftovers::end_all(&folder.path().join("state/processes")).unwrap();
}

/// The script writes one line per request, with the request's id.
async fn log_lines(folder: &Path, wanted: usize) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let log = std::fs::read_to_string(folder.join("state/logs/EchoFunction.log")).unwrap_or_default();
        let lines: Vec<String> = log.lines().filter(|line| line.starts_with("event ")).map(str::to_owned).collect();
        if lines.len() >= wanted || Instant::now() > deadline {
            return lines;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_a_killed_platform_are_ended_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let first = Program::start(folder.path()).await;
    let path = "/2015-03-31/functions/EchoFunction/invocations";
    let slow = json!({ "do": "sleep", "seconds": 60 }).to_string();
    send(first.aws, "POST", path, &[("x-amz-invocation-type", "Event")], slow.into()).await;
    let processes = folder.path().join("state/processes");
    let deadline = Instant::now() + PATIENCE;
    let pid = loop {
        if let Some(entry) = std::fs::read_dir(&processes).unwrap().next() {
            break entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        }
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    drop(first.child);
    assert!(Path::new(&format!("/proc/{pid}/stat")).exists(), "busy, it did not notice");
    // The event that kept it busy must not keep a process of the second platform busy.
    std::fs::remove_dir_all(folder.path().join("state/asynchronous")).unwrap();
    let second = Program::start(folder.path()).await;
    let gone = |pid: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    };
    while !gone(&pid) {
        assert!(Instant::now() < deadline, "the old process still runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(second.child);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_platform_on_the_same_state_is_refused_with_the_firsts_address() {
    let world = World::start().await;
    let Err(error) = Platform::start(settings(world.folder.path())).await else { panic!("two platforms on one state") };
    let message = error.to_string();
    assert!(message.contains(&format!("http://{}", world.public)) && message.contains("--state"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_the_platform_from_starting_is_said_with_the_remedy() {
    let world = World::start().await;
    let other = tempfile::tempdir().unwrap();
    prepare(other.path());
    let failure = async |settings| match Platform::start(settings).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    };
    let mut taken = settings(other.path());
    taken.port = world.public.port();
    let message = failure(taken).await;
    assert!(message.contains("--port"), "{message}");
    std::fs::remove_file(other.path().join("bin/gate")).unwrap();
    let message = failure(settings(other.path())).await;
    assert!(message.contains("no executables for: gate") && message.contains("--bin-dir"), "{message}");
    let mut missing = settings(other.path());
    missing.parameters.clear();
    assert!(failure(missing).await.contains("Notes"));
}
