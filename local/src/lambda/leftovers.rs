//! Processes that outlived a platform which was killed.
//!
//! A running function notices that its Runtime API is gone and exits, unless it is stuck. So each process is written
//! down, and the next start ends those that are still the same ones: same pid, same start time, same executable.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Record {
    pid: i32,
    started: String,
    binary: String,
}

/// Writes a process down; `None` if that failed, which only costs the clean-up.
pub fn record(folder: &Path, pid: i32, binary: &Path) -> Option<PathBuf> {
    let record = Record { pid, started: start_time(pid)?, binary: binary.display().to_string() };
    let path = folder.join(format!("{pid}.json"));
    fs::write(&path, serde_json::to_vec(&record).ok()?).ok()?;
    Some(path)
}

/// Crosses a process out.
pub fn forget(record: Option<PathBuf>) {
    if let Some(path) = record {
        _ = fs::remove_file(path);
    }
}

/// Ends the processes of an earlier platform; returns how many there were.
///
/// # Errors
/// The folder cannot be read.
pub fn end_all(folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let mut ended = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Ok(record) = serde_json::from_slice::<Record>(&fs::read(&path)?)
            && start_time(record.pid).as_ref() == Some(&record.started)
            && names(record.pid, &record.binary)
            && let Some(group) = Pid::from_raw(record.pid)
            && kill_process_group(group, Signal::KILL).is_ok()
        {
            ended += 1;
        }
        fs::remove_file(&path)?;
    }
    Ok(ended)
}

/// Field 22 of `/proc/PID/stat`, counted after the command name, which may hold spaces.
fn start_time(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}

/// A script's interpreter comes first, so any argument may be the executable.
fn names(pid: i32, binary: &str) -> bool {
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    command.split(|byte| *byte == 0).any(|argument| argument == binary.as_bytes())
}
