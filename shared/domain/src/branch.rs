//! Branch names, by the rules of git-check-ref-format(1), narrowed to what needs no quoting anywhere.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};

/// The name of a branch: `main`, `feature/x`. It never begins with `-`, so it cannot be read as an option.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Branch(String);

impl Branch {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Branch {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed =
            |char: char| char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | '/' | '+' | '@' | '#' | '=');
        let segment = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
        let good = (1..=200).contains(&text.len())
            && text.chars().all(allowed)
            && text.split('/').all(segment)
            && !text.starts_with('-')
            && !text.ends_with('.')
            && !text.contains("..")
            && text != "@";
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(format!("{text:?} is not a branch name; write it as git shows it, for example main")))
        }
    }
}

serde_as_text!(Branch);
