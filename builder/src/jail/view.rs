//! What a jail shows of this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::{INSIDE, Isolation, UID};
use crate::config::Config;

/// The checkout's directory below the work directory.
pub(super) const SOURCE: &str = "source";
const HOME: &str = "home";
const ACCOUNTS: &str = "accounts";

/// Directories of the system that are shown whole, read-only.
const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/// What programs need of `/etc`: names, certificates, the time zone, libraries. Nothing of the machine's own settings.
const ETC: [&str; 18] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];
/// The programs whose installations are shown, wherever they are.
const TOOLS: [&str; 5] = ["git", "node", "npm", "npx", "corepack"];
/// What is shown of an installation outside the system's directories: `~/.local` holds more than `node`.
const TOOL_PARTS: [&str; 5] = ["bin", "include/node", "lib/node_modules", "libexec/git-core", "share/git-core"];

/// A path that is shown where it is.
pub(super) struct Bind {
    pub(super) path: PathBuf,
    /// Where it points, if it is a link, as `/bin` is on most systems.
    pub(super) link: Option<PathBuf>,
}

/// The prepared view of one build.
pub(super) struct View {
    work: PathBuf,
    path: String,
    network: BTreeMap<String, String>,
}

impl View {
    /// Makes the directories of the build.
    pub(super) fn new(config: &Config) -> std::io::Result<Self> {
        let accounts = config.work.join(ACCOUNTS);
        for directory in [config.work.join(SOURCE), config.work.join(HOME), accounts.clone()] {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(
            accounts.join("passwd"),
            format!(
                "root:x:0:0:root:/:/usr/sbin/nologin\nbuild:x:{UID}:{UID}:build:{INSIDE}/{HOME}:/bin/sh\n\
                 nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
            ),
        )?;
        std::fs::write(accounts.join("group"), format!("root:x:0:\nbuild:x:{UID}:\nnogroup:x:65534:\n"))?;
        Ok(Self { work: config.work.clone(), path: config.path.clone(), network: config.network.clone() })
    }

    /// Gives the writable directories to the jail's uid, where this process may.
    pub(super) fn give_away(&self) -> std::io::Result<()> {
        if rustix::process::geteuid().is_root() {
            for name in [SOURCE, HOME] {
                chown(self.work.join(name), Some(UID), Some(UID))?;
            }
            // Passing through is enough; what else is in it stays ours.
            std::fs::set_permissions(&self.work, std::fs::Permissions::from_mode(0o711))?;
        }
        Ok(())
    }

    /// The first program of this name on the path.
    pub(super) fn find(&self, program: &str) -> Option<PathBuf> {
        let directories = self.path.split(':').filter(|directory| directory.starts_with('/'));
        directories.map(|directory| Path::new(directory).join(program)).find(|path| path.is_file())
    }

    /// Read-only parts of the system: directories, `/etc`, toolchains, certificates.
    pub(super) fn system(&self) -> Vec<Bind> {
        let bind = |path: &str| Bind { path: PathBuf::from(path), link: std::fs::read_link(path).ok() };
        let exists = |path: &&str| Path::new(path).symlink_metadata().is_ok();
        let mut all: Vec<Bind> = SYSTEM.iter().copied().filter(exists).map(bind).collect();
        let plain = |path: PathBuf| Bind { path, link: None };
        all.extend(ETC.iter().filter(|path| Path::new(path).exists()).map(PathBuf::from).map(plain));
        all.extend(self.toolchains().into_iter().chain(self.certificates()).map(plain));
        all
    }

    fn toolchains(&self) -> BTreeSet<PathBuf> {
        let mut all = BTreeSet::new();
        for program in TOOLS.iter().filter_map(|tool| self.find(tool)) {
            for place in [std::fs::canonicalize(&program).ok(), Some(program)].into_iter().flatten() {
                let Some(prefix) = place.ancestors().find(|path| path.join("bin").is_dir()) else { continue };
                let parts = TOOL_PARTS.iter().map(|part| prefix.join(part));
                all.extend(parts.filter(|part| part.is_dir() && !is_shown(part)));
            }
        }
        all
    }

    fn certificates(&self) -> BTreeSet<PathBuf> {
        let values = self.network.values().map(PathBuf::from);
        values.filter(|path| path.is_absolute() && path.exists() && !is_shown(path)).collect()
    }

    /// The made-up accounts and where they are shown.
    pub(super) fn accounts(&self) -> [(PathBuf, PathBuf); 2] {
        ["passwd", "group"].map(|name| (self.work.join(ACCOUNTS).join(name), Path::new("/etc").join(name)))
    }

    /// The writable directories and where they are shown.
    pub(super) fn writable(&self) -> [(PathBuf, PathBuf); 2] {
        [SOURCE, HOME].map(|name| (self.work.join(name), Path::new(INSIDE).join(name)))
    }

    /// The variables that every command gets.
    pub(super) fn environment(&self, isolation: Isolation) -> BTreeMap<String, String> {
        let home = match isolation {
            Isolation::Bubblewrap => Path::new(INSIDE).join(HOME),
            Isolation::OwnContainer => self.work.join(HOME),
        };
        let tools = TOOLS.iter().filter_map(|tool| self.find(tool)?.parent()?.to_str().map(str::to_owned));
        let mut path: Vec<String> = Vec::new();
        let usual = ["/usr/local/bin", "/usr/bin", "/bin"].map(str::to_owned);
        for directory in tools.chain(usual) {
            if !path.contains(&directory) {
                path.push(directory);
            }
        }
        let fixed = [
            ("CI", "1"),
            ("LANG", "C.UTF-8"),
            ("SLIPWAY", "1"),
            ("npm_config_audit", "false"),
            ("npm_config_fund", "false"),
            ("npm_config_update_notifier", "false"),
        ];
        let mut all: BTreeMap<String, String> = self.network.clone();
        all.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        all.insert("HOME".to_owned(), home.to_string_lossy().into_owned());
        all.insert("PATH".to_owned(), path.join(":"));
        all
    }
}

fn is_shown(path: &Path) -> bool {
    SYSTEM.iter().chain(&ETC).any(|shown| path.starts_with(shown))
}
