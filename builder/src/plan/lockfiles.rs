//! From lockfile to package manager. npm comes with Node; the others are fetched by `npx` at the version that wrote the
//! lockfile, so nothing has to be installed beforehand.

use std::path::Path;

use super::package_json::{is_own_file, read};
use super::{PackageJson, PlanError, sh};

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// npm, as it came with Node.
    Npm,
    /// pnpm.
    Pnpm,
    /// Yarn 1.
    YarnClassic,
    /// Yarn 2 and later.
    YarnBerry,
}

/// Lockfiles; where several are found and `packageManager` names none of them, the first in this order counts.
const LOCKFILES: [(&str, Manager); 4] = [
    ("package-lock.json", Manager::Npm),
    ("npm-shrinkwrap.json", Manager::Npm),
    ("pnpm-lock.yaml", Manager::Pnpm),
    ("yarn.lock", Manager::YarnClassic),
];

/// The pnpm that reads a `lockfileVersion`, from pnpm's release notes.
const PNPM: [(&str, &str); 5] = [("5.3", "6"), ("5.4", "7"), ("6.0", "8"), ("6.1", "8"), ("9.0", "10")];
/// The Yarn that reads a `__metadata` version.
const BERRY: [(&str, &str); 3] = [("4", "2"), ("6", "3"), ("8", "4")];

/// A package manager at a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Which.
    pub manager: Manager,
    /// The version asked of `npx`; none for npm as it is installed.
    pub version: Option<String>,
    /// Whether there is a lockfile, so that exactly what it names is installed.
    pub is_locked: bool,
}

impl Tool {
    /// Reads the lockfiles of a directory.
    pub fn detect(directory: &Path, package: &PackageJson) -> Result<Self, PlanError> {
        let found: Vec<(&'static str, Manager)> =
            LOCKFILES.into_iter().filter(|(name, _)| is_own_file(&directory.join(name))).collect();
        let named = package.package_manager.as_deref().and_then(named);
        let family = |manager| if manager == Manager::YarnBerry { Manager::YarnClassic } else { manager };
        let of_named =
            named.as_ref().and_then(|(manager, _)| found.iter().find(|(_, found)| *found == family(*manager)));
        let Some((file, manager)) = of_named.or(found.first()).copied() else {
            let (manager, version) = named.unwrap_or((Manager::Npm, None));
            return Ok(Self { manager, version, is_locked: false });
        };
        let text = match manager {
            Manager::Npm => String::new(),
            _ => read(&directory.join(file)).map_err(|error| PlanError::File(file, error))?,
        };
        let manager = match manager {
            Manager::YarnClassic if text.lines().any(|line| line.starts_with("__metadata:")) => Manager::YarnBerry,
            other => other,
        };
        let version = named.filter(|(named, _)| *named == manager).and_then(|(_, version)| version);
        let version = version.or_else(|| version_of_lockfile(manager, &text));
        Ok(Self { manager, version, is_locked: true })
    }

    /// Installs what the lockfile says.
    pub fn install(&self) -> Vec<String> {
        self.command(match (self.manager, self.is_locked) {
            (Manager::Npm, true) => &["ci"],
            (Manager::Pnpm, true) => &["install", "--frozen-lockfile"],
            (Manager::YarnClassic, true) => &["install", "--frozen-lockfile", "--non-interactive"],
            (Manager::YarnBerry, true) => &["install", "--immutable"],
            (_, false) => &["install"],
        })
    }

    /// Runs a script of `package.json`.
    pub fn script(&self, name: &str) -> Vec<String> {
        self.command(&["run", name])
    }

    /// Runs a shell command in which this package manager can be called by its name.
    pub fn shell(&self, command: &str) -> Vec<String> {
        match self.package() {
            None => sh(command),
            Some(package) => {
                ["npx", "--yes", &format!("--package={package}"), "-c", command].map(str::to_owned).to_vec()
            }
        }
    }

    /// The same manager at another version.
    pub fn at(&self, version: &str) -> Self {
        Self { version: Some(version.to_owned()), ..self.clone() }
    }

    fn command(&self, arguments: &[&str]) -> Vec<String> {
        let mut command: Vec<String> = match self.package() {
            None => vec!["npm".to_owned()],
            Some(package) => {
                ["npx", "--yes", &format!("--package={package}"), "--", self.program()].map(str::to_owned).to_vec()
            }
        };
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        command
    }

    fn program(&self) -> &'static str {
        match self.manager {
            Manager::Npm => "npm",
            Manager::Pnpm => "pnpm",
            Manager::YarnClassic | Manager::YarnBerry => "yarn",
        }
    }

    fn package(&self) -> Option<String> {
        let (name, usual) = match self.manager {
            Manager::Npm => return self.version.as_ref().map(|version| format!("npm@{version}")),
            Manager::Pnpm => ("pnpm", "10"),
            Manager::YarnClassic => ("yarn", "1"),
            Manager::YarnBerry => ("@yarnpkg/cli-dist", "4"),
        };
        Some(format!("{name}@{}", self.version.as_deref().unwrap_or(usual)))
    }
}

/// `pnpm@9.1.0+sha512.…` → pnpm 9.1.0. npm is used as installed: its versions read each other's lockfiles, mostly.
fn named(text: &str) -> Option<(Manager, Option<String>)> {
    let (name, version) = text.split_once('@')?;
    let version = version.split('+').next().unwrap_or_default();
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-');
    if version.is_empty() || !version.starts_with(|char: char| char.is_ascii_digit()) || !version.chars().all(plain) {
        return None;
    }
    let version_is_1 = version == "1" || version.starts_with("1.");
    match name {
        "npm" => Some((Manager::Npm, None)),
        "pnpm" => Some((Manager::Pnpm, Some(version.to_owned()))),
        "yarn" if version_is_1 => Some((Manager::YarnClassic, Some(version.to_owned()))),
        "yarn" => Some((Manager::YarnBerry, Some(version.to_owned()))),
        _ => None,
    }
}

fn version_of_lockfile(manager: Manager, text: &str) -> Option<String> {
    let (key, table): (&str, &[(&str, &str)]) = match manager {
        Manager::Pnpm => ("lockfileVersion:", &PNPM),
        Manager::YarnBerry => ("  version:", &BERRY),
        Manager::Npm | Manager::YarnClassic => return None,
    };
    let line = text.lines().take(20).find_map(|line| line.strip_prefix(key))?;
    let version = line.trim().trim_matches(['\'', '"']);
    table.iter().find(|(lockfile, _)| *lockfile == version).map(|(_, tool)| (*tool).to_owned())
}
