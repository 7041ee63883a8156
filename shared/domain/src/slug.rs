//! The DNS label that names a project and its host.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};

/// 1–35 of `[a-z0-9-]`, no hyphen at either end, no `--` (which separates a deployment from its slug in host names),
/// not reserved. 26 + 2 + 35 is 63, the longest DNS label (RFC 1035 §2.3.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slug(String);

/// Labels that people take for the platform itself, or that mail and certificate rules give a meaning (RFC 2142).
const RESERVED: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "cname",
    "console",
    "dashboard",
    "dns",
    "docs",
    "email",
    "ftp",
    "git",
    "help",
    "hostmaster",
    "imap",
    "info",
    "localhost",
    "login",
    "mail",
    "mx",
    "news",
    "noc",
    "ns",
    "ns1",
    "ns2",
    "oauth",
    "pop",
    "postmaster",
    "root",
    "security",
    "signin",
    "signup",
    "sites",
    "slipway",
    "smtp",
    "ssl",
    "static",
    "status",
    "support",
    "sysadmin",
    "vpn",
    "webmail",
    "webmaster",
    "wpad",
    "www",
];

impl Slug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=35).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(Invalid::new("a slug is 1 to 35 lower-case letters, digits and hyphens, for example my-site"));
        }
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err(Invalid::new("a slug neither begins nor ends with a hyphen, and has no two in a row"));
        }
        if RESERVED.contains(&text) {
            return Err(Invalid::new(format!(
                "the slug {text:?} is reserved; choose another, for example {text}-site"
            )));
        }
        Ok(Self(text.to_owned()))
    }
}

serde_as_text!(Slug);
