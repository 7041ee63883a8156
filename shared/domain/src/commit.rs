//! Commit names.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};

/// A git commit's full object name: 40 lower-case hexadecimal digits (SHA-1), or 64 in a SHA-256 repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Commit(String);

impl Commit {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Commit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let zero = text.bytes().all(|byte| byte == b'0');
        if matches!(text.len(), 40 | 64) && digits && !zero {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(
                "a commit is its full name of 40 lower-case hexadecimal digits, as `git rev-parse HEAD` prints",
            ))
        }
    }
}

serde_as_text!(Commit);
