//! The path of one file of a site.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};

/// A file's path below the site's root: `assets/app.js`. UTF-8, `/` between segments, no empty, `.` or `..` segment,
/// no control character, no backslash, at most 1,024 bytes. It is decoded text, never percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(String);

impl FilePath {
    /// The longest path, in bytes (an S3 key's own limit, so that any path could be one).
    pub const LONGEST: usize = 1024;

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for FilePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FilePath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |why: &str| Err(Invalid::new(format!("the path {text:?} {why}")));
        if text.len() > Self::LONGEST {
            return refused("is longer than 1,024 bytes");
        }
        if text.chars().any(|char| char.is_control() || char == '\\') {
            return refused("holds a control character or a backslash");
        }
        if text.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return refused("has an empty, '.' or '..' segment; write it relative to the output directory");
        }
        Ok(Self(text.to_owned()))
    }
}

serde_as_text!(FilePath);
