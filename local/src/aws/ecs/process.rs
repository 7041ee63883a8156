//! Processes as `/proc` shows them. A process id alone proves nothing, it is given again; with the start time it does.

use std::fs;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// Which process, beyond doubt for as long as the machine is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// Process id.
    pub pid: i32,
    /// Start in clock ticks since boot.
    pub start: u64,
}

/// A living process and whom it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    pub identity: Identity,
    pub parent: i32,
    pub group: i32,
}

/// All processes that are alive, zombies left out.
pub fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.filter_map(|entry| read(entry.ok()?.file_name().to_str()?.parse().ok()?)).collect()
}

/// The process with this id, if it is alive.
pub fn read(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, also parentheses.
    let fields: Vec<_> = stat[stat.rfind(')')? + 1..].split_ascii_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    let number = |index: usize| fields.get(index)?.parse::<i32>().ok();
    Some(Process {
        identity: Identity { pid, start: fields.get(19)?.parse().ok()? },
        parent: number(1)?,
        group: number(2)?,
    })
}

/// Whether the process was started with this `NAME=value` in its environment. False when that cannot be read, as for a
/// process of another user.
pub fn has_variable(pid: i32, variable: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
}

impl Identity {
    /// Sends a signal to this very process, never to another that got its id meanwhile: the descriptor is taken first,
    /// the start time compared after, and the signal goes through the descriptor.
    pub fn signal(self, signal: Signal) {
        let Some(pid) = Pid::from_raw(self.pid) else { return };
        let Ok(descriptor) = pidfd_open(pid, PidfdFlags::empty()) else { return };
        if read(self.pid).is_some_and(|found| found.identity == self) {
            // It may have ended in between, which is what was wanted.
            let _ = pidfd_send_signal(&descriptor, signal);
        }
    }
}

/// How often the kernel killed a process for want of memory since boot, if it says.
pub fn out_of_memory_kills() -> Option<u64> {
    let facts = fs::read_to_string("/proc/vmstat").ok()?;
    facts.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
}
