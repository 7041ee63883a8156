//! Who or what a deployment was triggered by.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};
use crate::{Login, UserId};

/// A person, by a call of the API, or a push. As text it is the person's identifier, `push`, or `push:<login>`, so that
/// a record of the time before pushes, which holds an identifier, reads as what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creator {
    /// A person with an account here.
    Person(UserId),
    /// A push; by whom, as far as the repository's host has said it.
    Push(Option<Login>),
}

impl Creator {
    /// Whether it was a push: then nobody who waits for an answer has asked for the build.
    pub fn is_push(&self) -> bool {
        matches!(self, Creator::Push(_))
    }
}

impl From<UserId> for Creator {
    fn from(user: UserId) -> Self {
        Self::Person(user)
    }
}

impl fmt::Display for Creator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Creator::Person(user) => write!(f, "{user}"),
            Creator::Push(None) => f.write_str("push"),
            Creator::Push(Some(login)) => write!(f, "push:{login}"),
        }
    }
}

impl FromStr for Creator {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match (text, text.strip_prefix("push:")) {
            ("push", _) => Ok(Self::Push(None)),
            (_, Some(login)) => Ok(Self::Push(Some(login.parse()?))),
            _ => Ok(Self::Person(text.parse()?)),
        }
    }
}

serde_as_text!(Creator);
