//! One command from its start until nothing of it is alive.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::enter::Entry;
use super::sweep::{self, Namespace};
use super::{Ended, Isolation};
use crate::log::{Mask, Tail, read_lines};

/// What has to be killed when this process is told to end.
#[derive(Clone, Default)]
pub struct Children(Arc<Mutex<Option<(Isolation, u32)>>>);

impl Children {
    /// Kills the running command, if there is one.
    pub fn kill(&self) {
        let running = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((isolation, pid)) = running {
            kill(pid);
            if isolation == Isolation::OwnContainer
                && let Err(error) = sweep::kill_uid()
            {
                eprintln!("{error}");
            }
        }
    }

    fn set(&self, running: Option<(Isolation, u32)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

#[expect(clippy::too_many_arguments, reason = "what a command is, where it runs, and where its lines go")]
pub(super) fn run(
    isolation: Isolation,
    children: &Children,
    mut command: Command,
    entry: &Entry,
    deadline: Instant,
    mask: &Mask,
    stdout: impl Fn(&str) + Send,
    stderr: impl Fn(&str) + Send,
) -> std::io::Result<Ended> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    children.set(Some((isolation, child.id())));
    let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let out = scope.spawn(move || out.map(|stream| collect(stream, mask, &stdout)).unwrap_or_default());
        let err = scope.spawn(move || err.map(|stream| collect(stream, mask, &stderr)).unwrap_or_default());
        // The namespace is found before the command may start, so that a command cannot end unseen.
        let namespace = match isolation {
            Isolation::Bubblewrap => find_namespace(&mut child)?,
            Isolation::OwnContainer => None,
        };
        if let Some(mut input) = input {
            // A jail that was refused does not read this; its exit code says so.
            let _ = input.write_all(&serde_json::to_vec(entry)?);
        }
        let status = wait(&mut child, deadline)?;
        match isolation {
            Isolation::Bubblewrap => {
                if let Some(namespace) = namespace {
                    namespace.end()?;
                }
            }
            Isolation::OwnContainer => sweep::kill_uid()?,
        }
        children.set(None);
        let tail = |reader: thread::ScopedJoinHandle<'_, Tail>| reader.join().unwrap_or_default();
        Ok(Ended { code: status.map(code), stdout: tail(out), stderr: tail(err) })
    })
}

fn collect(stream: impl std::io::Read, mask: &Mask, sink: &impl Fn(&str)) -> Tail {
    let mut tail = Tail::default();
    read_lines(stream, mask, |line| {
        tail.push(&line);
        sink(&line);
    });
    tail
}

fn find_namespace(child: &mut Child) -> std::io::Result<Option<Namespace>> {
    loop {
        if let Some(namespace) = Namespace::below(child.id()) {
            return Ok(Some(namespace));
        }
        if child.try_wait()?.is_some() {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for the end or the deadline; `None` when the deadline came first and the child was killed.
fn wait(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(16));
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

pub(super) fn kill(pid: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may be dead already, which is what is wanted.
        let _ = kill_process(pid, Signal::KILL);
    }
}
