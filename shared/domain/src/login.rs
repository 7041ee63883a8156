//! Names of people on a Git host.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};

/// What a person or a bot is called on the host of a repository: `octocat`, `dependabot[bot]`. Shown and never looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Login(String);

impl Login {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Login {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'[' | b']');
        match (1..=100).contains(&text.len()) && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(Invalid::new(format!("{text:?} is no name of a person on a Git host"))),
        }
    }
}

serde_as_text!(Login);
