//! E-mail addresses, as far as Slipway needs them: to tell accounts apart.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};

/// An e-mail address, in lower case, at most 254 bytes (RFC 5321 §4.5.3.1). Its owner proves it by an invitation or
/// a code, so only the form is looked at: `local@domain`, no spaces or control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // Lower case may be longer, and what is stored is read by this same function: so it is what the limits are for.
        let text = text.to_lowercase();
        let parts = text.rsplit_once('@');
        let good = text.len() <= 254
            && !text.chars().any(|char| char.is_whitespace() || char.is_control())
            && parts.is_some_and(|(local, domain)| {
                (1..=64).contains(&local.len())
                    && !domain.is_empty()
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
            });
        if good {
            Ok(Self(text))
        } else {
            Err(Invalid::new("this is not an e-mail address; write it like name@example.com"))
        }
    }
}

serde_as_text!(Email);
