//! Making sure that nothing of a jail is alive.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::UID;

/// A process that holds a jail's pid namespace: bubblewrap's own first process in it.
pub(super) struct Namespace(u32);

impl Namespace {
    /// The child of this bubblewrap; `None` when it has none (any more).
    pub(super) fn below(bubblewrap: u32) -> Option<Self> {
        processes().find(|pid| parent(*pid) == Some(bubblewrap)).map(Self)
    }

    /// Kills it and waits until it is dead. The kernel lets the first process of a pid namespace end only after it has
    /// killed all others in it.
    pub(super) fn end(&self) -> std::io::Result<()> {
        if is_alive(self.0) {
            super::child::kill(self.0);
        }
        poll(Duration::from_secs(20), || !is_alive(self.0))
    }
}

/// Kills every process of the jail's uid; only where a container holds one build.
pub(super) fn kill_uid() -> std::io::Result<()> {
    poll(Duration::from_secs(20), || {
        if !processes().any(|pid| owner(pid) == Some(UID) && is_alive(pid)) {
            return true;
        }
        // One call for all of them, so that a fork bomb cannot outrun a list: -1 is every process it may signal.
        let kill = ["-c", "kill -KILL -1"];
        let mut command = Command::new("/bin/sh");
        command
            .args(kill)
            .env_clear()
            .uid(UID)
            .gid(UID)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let _ = command.status();
        false
    })
}

fn poll(most: Duration, mut done: impl FnMut() -> bool) -> std::io::Result<()> {
    let until = Instant::now() + most;
    while !done() {
        if Instant::now() > until {
            return Err(std::io::Error::other("processes of the build could not be ended"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn owner(pid: u32) -> Option<u32> {
    std::fs::metadata(Path::new("/proc").join(pid.to_string())).ok().map(|metadata| metadata.uid())
}

/// The fields after the command's name, which may hold anything: state, parent …
fn fields(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn parent(pid: u32) -> Option<u32> {
    fields(pid).map(|(_, parent)| parent)
}

/// A zombie counts as dead: whoever inherited it need not have noticed yet.
fn is_alive(pid: u32) -> bool {
    fields(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}
