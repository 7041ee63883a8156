//! The keys of a bucket in the order of their bytes, read from directories only as far as a listing needs them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::names::{self, Kind};

/// Iterates over the keys that begin with a prefix and come after a given key.
pub struct Walk {
    prefix: Vec<u8>,
    after: Vec<u8>,
    skip: Option<Vec<u8>>,
    /// Per open directory its entries, last first.
    open: Vec<Vec<Entry>>,
}

struct Entry {
    /// The key of an object, or what all keys below have in common.
    key: Vec<u8>,
    object: bool,
    path: PathBuf,
}

impl Walk {
    /// Starts below `root`, a bucket's directory.
    pub fn new(root: &Path, prefix: &str, after: &str) -> Self {
        let whole = Entry { key: Vec::new(), object: false, path: root.to_owned() };
        Self { prefix: prefix.into(), after: after.into(), skip: None, open: vec![vec![whole]] }
    }

    /// Leaves out all further keys that begin with `prefix`: its directories are not read.
    pub fn leave_out(&mut self, prefix: &str) {
        self.skip = Some(prefix.into());
    }

    fn is_relevant(&self, entry: &Entry) -> bool {
        let key = entry.key.as_slice();
        if self.skip.as_ref().is_some_and(|skip| key.starts_with(skip)) {
            return false;
        }
        if entry.object {
            return key.starts_with(&self.prefix) && key > self.after.as_slice();
        }
        (key.starts_with(&self.prefix) || self.prefix.starts_with(key))
            && (key > self.after.as_slice() || self.after.starts_with(key))
    }

    fn read(entry: &Entry) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for found in fs::read_dir(&entry.path)? {
            let found = found?;
            let name = found.file_name();
            let Some((kind, bytes)) = name.to_str().and_then(names::read) else { continue };
            let mut key = entry.key.clone();
            key.extend(bytes);
            if kind == Kind::Directory {
                key.push(b'/');
            }
            entries.push(Entry { key, object: kind == Kind::Object, path: found.path() });
        }
        entries.sort_unstable_by(|one, other| other.key.cmp(&one.key));
        Ok(entries)
    }
}

impl Iterator for Walk {
    type Item = io::Result<(String, PathBuf)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(entry) = self.open.last_mut()?.pop() else {
                self.open.pop();
                continue;
            };
            if !self.is_relevant(&entry) {
                continue;
            }
            if entry.object {
                // Keys come from requests, which are UTF-8; anything else is not ours.
                let Ok(key) = String::from_utf8(entry.key) else { continue };
                return Some(Ok((key, entry.path)));
            }
            match Self::read(&entry) {
                Ok(entries) => self.open.push(entries),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(keys: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for key in keys {
            let path = dir.path().join(names::path_of(key));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        dir
    }

    fn keys(walk: Walk) -> Vec<String> {
        walk.map(|found| found.unwrap().0).collect()
    }

    #[test]
    fn keys_come_in_the_order_of_their_bytes_across_directories_and_split_names() {
        let long = "z".repeat(300);
        let split = ["z".repeat(200), format!("{}!", "z".repeat(200)), format!("{}/a", "z".repeat(200))];
        let mut all = vec!["a", "a-b", "a.b", "a/b", "a/b/c", "a0", "A", "a//", "a/", "ä", &long];
        all.extend(split.iter().map(String::as_str));
        let dir = bucket(&all);
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert_eq!(keys(Walk::new(dir.path(), "", "")), sorted);
        for after in &sorted {
            let rest: Vec<_> = sorted.iter().filter(|key| *key > after).collect();
            assert_eq!(keys(Walk::new(dir.path(), "", after)).iter().collect::<Vec<_>>(), rest, "after {after}");
            let below: Vec<_> = sorted.iter().filter(|key| key.starts_with(*after)).collect();
            assert_eq!(keys(Walk::new(dir.path(), after, "")).iter().collect::<Vec<_>>(), below, "below {after}");
        }
    }

    #[test]
    fn a_skipped_prefix_is_not_visited_further() {
        let dir = bucket(&["a/1", "a/2", "b"]);
        let mut walk = Walk::new(dir.path(), "", "");
        assert_eq!(walk.next().unwrap().unwrap().0, "a/1");
        walk.leave_out("a/");
        assert_eq!(keys(walk), ["b"]);
    }
}
