//! The last step into a jail: this program again, inside. It gives up root, takes the command's environment and becomes
//! the command.
//!
//! Bubblewrap itself runs with no environment and no argument that the repository chose: `LD_PRELOAD` would run code
//! outside the jail, and arguments can be read by other users of the machine.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// The argument that makes this program enter a jail.
pub const ENTER: &str = "enter-jail";

/// What to become; it comes as JSON through standard input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) uid: Option<u32>,
    pub(super) command: Vec<String>,
    pub(super) directory: PathBuf,
    pub(super) environment: BTreeMap<String, String>,
}

/// Enters without namespaces.
pub(super) fn command(executable: &Path) -> Command {
    let mut command = Command::new(executable);
    command.arg(ENTER).env_clear().current_dir("/");
    command
}

/// Becomes the command on standard input; returns only when that cannot be started.
pub fn enter() -> ExitCode {
    let error = match become_command() {
        Ok(never) => match never {},
        Err(error) => error,
    };
    eprintln!("{error}");
    ExitCode::from(127)
}

fn become_command() -> Result<std::convert::Infallible, String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| format!("cannot read what to run: {error}"))?;
    let entry: Entry = serde_json::from_str(&text).map_err(|error| format!("cannot read what to run: {error}"))?;
    let (program, arguments) = entry.command.split_first().ok_or("there is nothing to run")?;
    lower(Resource::Core, 0)?;
    // Counted per uid: a fork bomb ends at this many, far above what npm and bundlers use.
    lower(Resource::Nproc, 4_096)?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&entry.directory).env_clear().envs(&entry.environment).stdin(Stdio::null());
    if let Some(uid) = entry.uid {
        // With a uid given and none of groups, the standard library also drops all supplementary groups.
        command.uid(uid).gid(uid);
    }
    let error = command.exec();
    Err(format!("cannot run {program}: {error}"))
}

fn lower(resource: Resource, most: u64) -> Result<(), String> {
    let maximum = getrlimit(resource).maximum.map_or(most, |maximum| maximum.min(most));
    let limit = Rlimit { current: Some(maximum), maximum: Some(maximum) };
    setrlimit(resource, limit).map_err(|error| format!("cannot set a limit: {error}"))
}
