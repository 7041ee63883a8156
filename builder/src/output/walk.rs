//! Walking the output. Nothing in it is trusted: not a name, not a type, not where a link points.

use std::fs::{self, FileType};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use domain::FilePath;
use domain::deployment::{Failure, FailureCode};
use domain::manifest::{MOST_BYTES, MOST_FILE_BYTES, MOST_FILES};

use super::Output;
use super::refused::Refused;

/// A file to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path on the site.
    pub path: FilePath,
    /// Where its bytes are; behind a link, the file it points to.
    pub source: PathBuf,
    /// Its bytes.
    pub size: u64,
}

/// All files of the output, by path. Links within it are published as copies of what they point to.
pub fn walk(output: &Output) -> Result<Vec<Found>, Failure> {
    let mut walk = Walk {
        root: &output.directory,
        is_source: output.is_source,
        found: Vec::new(),
        bytes: 0,
        refused: Refused::default(),
    };
    let mut chain = vec![output.directory.clone()];
    walk.directory(&output.directory, "", &mut chain)?;
    walk.refused.into_result()?;
    if walk.found.is_empty() {
        return Err(Failure::new(FailureCode::OutputMissing, "the output directory holds no file to publish"));
    }
    walk.found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(walk.found)
}

struct Walk<'a> {
    root: &'a Path,
    is_source: bool,
    found: Vec<Found>,
    bytes: u64,
    refused: Refused,
}

impl Walk<'_> {
    /// `chain` holds the canonical directories that lead here, so that a cycle of links is seen.
    fn directory(&mut self, directory: &Path, path: &str, chain: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let unreadable = |error: std::io::Error| {
            Failure::new(FailureCode::OutputRefused, format!("the output directory {path:?} cannot be read: {error}"))
        };
        let mut entries: Vec<_> =
            fs::read_dir(directory).map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                self.refused.add(&format!("{path}{}", name.to_string_lossy()), "its name is not UTF-8");
                continue;
            };
            if self.is_left_out(name) {
                continue;
            }
            let here = format!("{path}{name}");
            let source = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_symlink() => self.link(&source, &here, chain)?,
                Ok(kind) => self.entry(source, here, kind, chain)?,
                Err(error) => self.refused.add(&here, &format!("it cannot be read: {error}")),
            }
        }
        Ok(())
    }

    fn link(&mut self, link: &Path, here: &str, chain: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let Ok(target) = link.canonicalize() else {
            self.refused.add(here, "a link to nothing");
            return Ok(());
        };
        let Ok(below) = target.strip_prefix(self.root) else {
            self.refused.add(here, "a link that leaves the output directory");
            return Ok(());
        };
        if below.iter().any(|part| part.to_str().is_none_or(|part| self.is_left_out(part))) {
            self.refused.add(here, "a link to something that is not published");
            return Ok(());
        }
        match target.metadata() {
            Ok(metadata) => self.entry(target, here.to_owned(), metadata.file_type(), chain),
            Err(error) => {
                self.refused.add(here, &format!("it cannot be read: {error}"));
                Ok(())
            }
        }
    }

    fn entry(
        &mut self,
        source: PathBuf,
        here: String,
        kind: FileType,
        chain: &mut Vec<PathBuf>,
    ) -> Result<(), Failure> {
        if kind.is_dir() {
            if chain.contains(&source) {
                self.refused.add(&here, "a link to a directory that holds it");
                return Ok(());
            }
            if here.len() > FilePath::LONGEST {
                self.refused.add(&here, "its path is longer than 1,024 bytes");
                return Ok(());
            }
            chain.push(source.clone());
            self.directory(&source, &format!("{here}/"), chain)?;
            chain.pop();
            return Ok(());
        }
        if !kind.is_file() {
            self.refused.add(&here, special(kind));
            return Ok(());
        }
        match here.parse::<FilePath>() {
            Ok(path) => self.file(path, source),
            Err(error) => {
                self.refused.add(&here, &error.to_string());
                Ok(())
            }
        }
    }

    fn file(&mut self, path: FilePath, source: PathBuf) -> Result<(), Failure> {
        let size = match source.symlink_metadata() {
            Ok(metadata) => metadata.len(),
            Err(error) => {
                self.refused.add(path.as_str(), &format!("it cannot be read: {error}"));
                return Ok(());
            }
        };
        let too_large = |message: String| Err(Failure::new(FailureCode::OutputTooLarge, message));
        if size > MOST_FILE_BYTES {
            let most = MOST_FILE_BYTES / (1024 * 1024);
            return too_large(format!(
                "{path} has {:.1} MB; the most for one file is {most} MB",
                size as f64 / (1024.0 * 1024.0)
            ));
        }
        self.bytes += size;
        if self.bytes > MOST_BYTES {
            let most = MOST_BYTES / (1024 * 1024);
            return too_large(format!(
                "the output has more than {most} MB, the most for a deployment, counted up to {path}"
            ));
        }
        self.found.push(Found { path, source, size });
        if self.found.len() > MOST_FILES {
            return too_large(format!(
                "the output has more than {MOST_FILES} files, the most for a deployment; is the output directory right?"
            ));
        }
        Ok(())
    }

    /// `.git` is never a site. Of a repository's own tree, neither are its dependencies nor its hidden files.
    fn is_left_out(&self, name: &str) -> bool {
        name == ".git" || self.is_source && (name == "node_modules" || name.starts_with('.') && name != ".well-known")
    }
}

fn special(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}
