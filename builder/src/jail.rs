//! Where the repository's commands run: an unprivileged uid, a clean environment, and a view of the machine that holds
//! the toolchain, the checkout and nothing else. Never without: a machine that cannot isolate builds nothing.
//!
//! | started as | isolation |
//! |---|---|
//! | root | bubblewrap with real uid 1001, taken inside the new namespaces |
//! | a user | bubblewrap with a user namespace that shows that user as 1001 |
//! | root in an ECS task | that container holds one build: uid 1001, and every process of that uid is killed afterwards |

mod bubblewrap;
mod child;
mod enter;
mod isolation;
mod sweep;
mod view;

pub use child::Children;
pub use enter::{ENTER, enter};
pub use isolation::{Isolation, NoIsolation};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::log::{Stage, Stream};

use crate::config::Config;
use crate::log::{Log, Mask, Tail};

/// The uid and gid of everything that runs in a jail.
pub const UID: u32 = 1001;
/// Where the build's directory is seen inside.
const INSIDE: &str = "/build";

/// A command of the repository.
#[derive(Debug, Clone)]
pub struct Step {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The directory it starts in, below the checkout, as seen from outside.
    pub directory: PathBuf,
    /// Variables beyond the jail's own.
    pub variables: BTreeMap<String, String>,
    /// When it is killed.
    pub deadline: Instant,
    /// Whose lines its output are; `None` keeps them out of the log.
    pub stage: Option<Stage>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code, 128 + signal as a shell counts; `None` when it was killed at its deadline.
    pub code: Option<i32>,
    /// The end of its standard output.
    pub stdout: Tail,
    /// The end of its standard error.
    pub stderr: Tail,
}

impl Ended {
    /// Whether it ended well.
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// Whether either stream's end holds this text.
    pub fn said(&self, text: &str) -> bool {
        self.stderr.contains(text) || self.stdout.contains(text)
    }
}

/// A jail for one build.
pub struct Jail {
    isolation: Isolation,
    children: Children,
    executable: PathBuf,
    work: PathBuf,
    view: view::View,
}

impl Jail {
    /// Prepares the work directory and proves that this machine can isolate.
    pub fn prepare(config: &Config, children: &Children) -> Result<Self, NoIsolation> {
        let view = view::View::new(config)?;
        let mut jail = Self {
            isolation: Isolation::Bubblewrap,
            children: children.clone(),
            executable: config.executable.clone(),
            work: config.work.clone(),
            view,
        };
        jail.isolation = isolation::choose(&jail, config)?;
        jail.view.give_away()?;
        Ok(jail)
    }

    /// Where the repository is checked out, as seen from outside.
    pub fn checkout(&self) -> PathBuf {
        self.work.join(view::SOURCE)
    }

    /// How commands are isolated.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// Runs a command to its end. When this returns, every process that it left behind is dead.
    pub fn run(&self, step: &Step, log: Option<&Log>) -> std::io::Result<Ended> {
        let mut environment = self.view.environment(self.isolation);
        let ours: Vec<(String, String)> =
            ["HOME", "PATH", "SLIPWAY"].iter().filter_map(|name| environment.get_key_value(*name)).map(own).collect();
        environment.extend(step.variables.clone());
        environment.extend(ours);
        let entry = enter::Entry {
            uid: self.isolation.changes_uid().then_some(UID),
            command: step.command.clone(),
            directory: self.seen(&step.directory),
            environment,
        };
        let command = match self.isolation {
            Isolation::Bubblewrap => bubblewrap::command(&self.view, &self.executable)?,
            Isolation::OwnContainer => enter::command(&self.executable),
        };
        let sink = |stream: Stream| {
            let to = step.stage.zip(log.cloned());
            move |line: &str| {
                if let Some((stage, log)) = &to {
                    log.line(*stage, stream, line);
                }
            }
        };
        let nothing = Mask::default();
        child::run(
            self.isolation,
            &self.children,
            command,
            &entry,
            step.deadline,
            log.map_or(&nothing, Log::mask),
            sink(Stream::Stdout),
            sink(Stream::Stderr),
        )
    }

    /// The path of something in the work directory as a command sees it.
    fn seen(&self, path: &Path) -> PathBuf {
        match (self.isolation, path.strip_prefix(&self.work)) {
            (Isolation::Bubblewrap, Ok(below)) => Path::new(INSIDE).join(below),
            _ => path.to_owned(),
        }
    }
}

fn own((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

/// Makes this process's memory and environment unreadable for other processes of its own user, where the kernel allows.
pub fn hide_this_process() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        eprintln!("cannot hide this process's memory: {error}");
    }
}
