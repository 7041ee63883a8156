//! The command line of bubblewrap. It holds paths of this machine and nothing that the repository or the API said.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::enter::ENTER;
use super::view::View;
use super::{INSIDE, UID};

const ENTRY: &str = "/run/slipway-builder";

pub(super) fn command(view: &View, executable: &Path) -> std::io::Result<Command> {
    let mut command = Command::new(view.find("bwrap").ok_or(std::io::ErrorKind::NotFound)?);
    command.env_clear().current_dir("/");
    command.args(["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--share-net"]);
    command.args(["--hostname", "build", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
    if rustix::process::geteuid().is_root() {
        // Just enough for the entry to become uid 1001; with that change the kernel takes these two away as well.
        command.args(["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]);
    } else {
        let uid = UID.to_string();
        command.args(["--unshare-user", "--uid", &uid, "--gid", &uid]);
    }
    command.args(["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp", "--perms", "1777"]);
    command.args(["--tmpfs", "/dev/shm", "--dir", INSIDE, "--dir", "/run"]);
    let system = view.system();
    // A parent that bubblewrap makes by itself is closed to all but root.
    let parents: BTreeSet<&Path> = system.iter().flat_map(|bind| bind.path.ancestors().skip(1)).collect();
    for parent in parents.into_iter().filter(|parent| system.iter().all(|bind| !parent.starts_with(&bind.path))) {
        command.arg("--dir").arg(parent);
    }
    for bind in &system {
        match &bind.link {
            Some(target) => command.arg("--symlink").arg(target).arg(&bind.path),
            None => command.arg("--ro-bind").arg(&bind.path).arg(&bind.path),
        };
    }
    for (outside, inside) in view.accounts() {
        command.arg("--ro-bind").arg(outside).arg(inside);
    }
    for (outside, inside) in view.writable() {
        command.arg("--bind").arg(outside).arg(inside);
    }
    command.arg("--ro-bind").arg(executable).arg(ENTRY);
    command.args(["--remount-ro", "/", "--chdir", INSIDE, "--", ENTRY, ENTER]);
    Ok(command)
}
