//! Object keys as paths below a bucket's directory.
//!
//! Each segment between slashes becomes one name, with everything but `a-z0-9-_` escaped as `%xx` and a suffix that
//! tells what it is: `.d` a directory, `.o` an object, `.c` a piece of a segment too long for one file name. So `.`,
//! `..` and empty segments are ordinary names, no key can leave the directory, an object and a directory of one name
//! live side by side, and a file system that ignores case keeps keys apart.

use std::path::PathBuf;

/// A segment is split whenever this many escaped bytes are reached (file names end at 255).
const PIECE: usize = 200;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The end of a key.
    Object,
    /// A segment followed by a slash.
    Directory,
    /// The beginning of a longer segment.
    Piece,
}

/// The relative path of the object named `key`. Short enough for the system for every key of at most 1,024 bytes.
pub fn path_of(key: &str) -> PathBuf {
    let mut path = PathBuf::new();
    let mut segments = key.split('/').peekable();
    while let Some(segment) = segments.next() {
        let mut name = String::new();
        for byte in segment.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
                _ => name.push_str(&format!("%{byte:02x}")),
            }
            if name.len() >= PIECE {
                name.push_str(".c");
                path.push(std::mem::take(&mut name));
            }
        }
        name.push_str(if segments.peek().is_some() { ".d" } else { ".o" });
        path.push(name);
    }
    path
}

/// What the file or directory `name` stands for and the bytes it adds to a key, without the slash of a directory.
pub fn read(name: &str) -> Option<(Kind, Vec<u8>)> {
    let (escaped, kind) = match name.split_at_checked(name.len().checked_sub(2)?)? {
        (escaped, ".o") => (escaped, Kind::Object),
        (escaped, ".d") => (escaped, Kind::Directory),
        (escaped, ".c") => (escaped, Kind::Piece),
        _ => return None,
    };
    Some((kind, percent_encoding::percent_decode_str(escaped).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(path: &std::path::Path) -> String {
        let mut key = Vec::new();
        for name in path {
            let (kind, bytes) = read(name.to_str().unwrap()).unwrap();
            key.extend(bytes);
            if kind == Kind::Directory {
                key.push(b'/');
            }
        }
        String::from_utf8(key).unwrap()
    }

    #[test]
    fn every_key_becomes_a_plain_relative_path_and_back() {
        let keys = [
            "a",
            "A/b",
            "a//b",
            "/a",
            "a/",
            "../../etc/passwd",
            ".",
            "..",
            "ü/☃/🦀",
            "a%2fb",
            "a\\b\u{7f}\u{1}",
            &"x".repeat(1024),
            &"é".repeat(512),
            &"/".repeat(1024),
            &"X/".repeat(512),
            &"y".repeat(200),
        ];
        for key in keys {
            let path = path_of(key);
            assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))), "{path:?}");
            assert!(path.iter().all(|name| name.len() <= 255), "{path:?}");
            assert!(path.as_os_str().len() <= 3_300, "{} bytes", path.as_os_str().len());
            assert_eq!(back(&path), key);
        }
    }

    #[test]
    fn foreign_names_are_not_keys() {
        for name in ["", "a", ".x", "a.tmp", "lost+found"] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
