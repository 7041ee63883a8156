//! Who belongs to a container: also children that left its process group or session, or emptied their environment.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use super::process::{self, Identity, Process};

/// The variable that marks all processes of a task.
pub const TASK_VARIABLE: &str = "SLIPWAY_TASK_ID";
/// The variable that marks all processes of a container.
pub const CONTAINER_VARIABLE: &str = "SLIPWAY_CONTAINER_ID";

const PAUSE: Duration = Duration::from_millis(20);
/// After SIGKILL a process ends at once, unless the kernel itself is stuck in it.
const STUCK: Duration = Duration::from_secs(10);

/// The processes of one container or task, gathered while they live.
pub struct Census {
    /// `NAME=value` that they inherit.
    mark: String,
    /// The first process, which also names the process group.
    root: Option<Identity>,
    known: BTreeSet<Identity>,
}

impl Census {
    /// For processes that carry `mark`, begun by `root` if that is known.
    pub fn new(mark: String, root: Option<Identity>) -> Self {
        Self { mark, root, known: root.into_iter().collect() }
    }

    /// Looks at all processes; gives those alive that belong here. A process belongs if it was seen to before, carries
    /// the mark, is in the first process' group, or descends from one that belongs.
    pub fn take(&mut self) -> Vec<Identity> {
        let all = process::all();
        let mut members: BTreeSet<Identity> =
            all.iter().filter(|one| self.belongs(one, &all)).map(|one| one.identity).collect();
        loop {
            let parents: BTreeSet<i32> = members.iter().map(|one| one.pid).collect();
            let before = members.len();
            members.extend(all.iter().filter(|one| parents.contains(&one.parent)).map(|one| one.identity));
            if members.len() == before {
                break;
            }
        }
        self.known.clone_from(&members);
        members.into_iter().collect()
    }

    fn belongs(&self, one: &Process, all: &[Process]) -> bool {
        if self.known.contains(&one.identity) {
            return true;
        }
        // The group's number stays taken while the group has members, so only a later leader with that id is foreign.
        let in_group = self.root.is_some_and(|root| {
            one.group == root.pid
                && one.identity.start >= root.start
                && !all.iter().any(|other| other.identity.pid == root.pid && other.identity != root)
        });
        in_group || process::has_variable(one.identity.pid, &self.mark)
    }

    /// Ends everybody: SIGTERM, up to `grace`, then SIGKILL until nobody is left.
    pub async fn end(&mut self, grace: Duration) {
        let deadline = Instant::now() + grace;
        let mut asked = BTreeSet::new();
        while Instant::now() < deadline {
            let members = self.take();
            if members.is_empty() {
                return;
            }
            for member in members {
                // Once each: a second SIGTERM makes many programs skip their cleaning up.
                if asked.insert(member) {
                    member.signal(Signal::TERM);
                }
            }
            sleep(PAUSE).await;
        }
        self.kill().await;
    }

    /// SIGKILL until nobody is left.
    pub async fn kill(&mut self) {
        let deadline = Instant::now() + STUCK;
        loop {
            let members = self.take();
            if members.is_empty() {
                return;
            }
            if Instant::now() > deadline {
                tracing::error!(?members, "processes of a task do not end even after SIGKILL");
                return;
            }
            for member in members {
                member.signal(Signal::KILL);
            }
            sleep(PAUSE).await;
        }
    }
}
