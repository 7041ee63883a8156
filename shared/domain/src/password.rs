//! Passwords as people type them.

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::text::Invalid;

/// A new or presented password: 12 to 128 characters of any kind, no composition rules (OWASP ASVS 5.0 V6.2).
/// It is never printed and never stored.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password for an account that is being made or changed.
    pub fn new(text: String) -> Result<Self, Invalid> {
        match text.chars().count() {
            12..=128 => Ok(Self(text)),
            _ => Err(Invalid::new("a password has 12 to 128 characters; a sentence is a good one")),
        }
    }

    /// The text, for hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
