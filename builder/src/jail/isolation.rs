//! Which isolation this machine has.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Jail, Step};
use crate::config::Config;

/// How commands are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// New namespaces, made by bubblewrap.
    Bubblewrap,
    /// Another uid in a container that holds this build alone.
    OwnContainer,
}

impl Isolation {
    /// Whether a command's uid is really another one than this process's.
    pub fn changes_uid(self) -> bool {
        rustix::process::geteuid().is_root()
    }
}

/// Why nothing can be built here.
#[derive(Debug, thiserror::Error)]
pub enum NoIsolation {
    /// Bubblewrap is missing or refused, and this is no container of its own.
    #[error(
        "this machine cannot isolate a build, so nothing is built: {0}. Install bubblewrap (apt-get install bubblewrap) \
         and allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu)"
    )]
    Refused(String),
    /// The work directory cannot be prepared.
    #[error("cannot prepare the build's directory: {0}")]
    Directory(#[from] std::io::Error),
}

/// Tries bubblewrap with the very view of the build, then looks for a container of its own.
pub(super) fn choose(jail: &Jail, config: &Config) -> Result<Isolation, NoIsolation> {
    let step = Step {
        command: vec!["true".to_owned()],
        directory: jail.checkout(),
        variables: BTreeMap::new(),
        deadline: Instant::now() + Duration::from_secs(20),
        stage: None,
    };
    let why = match jail.run(&step, None) {
        Ok(ended) if ended.is_success() => return Ok(Isolation::Bubblewrap),
        Ok(ended) => format!("bubblewrap was refused: {}", ended.stderr.last(3).join("; ")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "bubblewrap is not installed".to_owned(),
        Err(error) => format!("bubblewrap did not start: {error}"),
    };
    if config.is_task && rustix::process::geteuid().is_root() {
        return Ok(Isolation::OwnContainer);
    }
    Err(NoIsolation::Refused(why))
}
