//! Addresses of Git repositories: parsed and rebuilt, never passed through.
//!
//! Git reads far more than an address in an argument: `ext::` runs a command, a leading `-` is an option, `user@` sends
//! credentials. Only `https://host/path` with plain characters gets past here, and what git is given is written by
//! [`RepositoryUrl`]'s `Display`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_text};

/// The address of a repository: `https://github.com/owner/name`, or `http://127.0.0.1:8788/name` on a laptop that
/// allows it. Rebuilt from its parsed parts: no user, query, fragment or percent sign; a `.git` ending is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RepositoryUrl {
    host: String,
    loopback_port: Option<u16>,
    path: String,
}

/// Which repositories this installation accepts.
#[derive(Debug, Clone)]
pub struct RepositoryPolicy {
    /// Host names that may be cloned from, lower case.
    pub hosts: Vec<String>,
    /// Whether `http://127.0.0.1:<port>/…` is accepted too. For laptops only: on AWS it would reach the function itself.
    pub allow_loopback: bool,
}

impl RepositoryPolicy {
    /// Whether this installation clones from there; the error says what it accepts.
    pub fn check(&self, repository: &RepositoryUrl) -> Result<(), Invalid> {
        if repository.loopback_port.is_some() {
            return match self.allow_loopback {
                true => Ok(()),
                false => {
                    Err(Invalid::new("repositories on the loopback address are not accepted by this installation"))
                }
            };
        }
        if self.hosts.contains(&repository.host) {
            return Ok(());
        }
        Err(Invalid::new(format!(
            "repositories on {} are not accepted by this installation; it clones from {}",
            repository.host,
            self.hosts.join(", ")
        )))
    }
}

impl RepositoryUrl {
    /// The host's name, lower case.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What git is given: hosts answer to the ending `.git` without a redirect, and redirects are not followed.
    pub fn clone_address(&self) -> String {
        let ending = if self.is_loopback() { "" } else { ".git" };
        format!("{self}{ending}")
    }

    /// Whether it is a repository on this machine's loopback address.
    pub fn is_loopback(&self) -> bool {
        self.loopback_port.is_some()
    }
}

impl fmt::Display for RepositoryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.loopback_port {
            Some(port) => write!(f, "http://{}:{port}/{}", self.host, self.path),
            None => write!(f, "https://{}/{}", self.host, self.path),
        }
    }
}

impl FromStr for RepositoryUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |why: &str| Err(Invalid::new(format!("{why}; write it like https://github.com/owner/name")));
        if text.len() > 300 || !text.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
            return refused("a repository's address is at most 300 plain ASCII characters without spaces");
        }
        // A look at the raw text first: the URL parser would quietly repair most of these.
        if text.contains(['%', '\\', '@', '?', '#', '\'', '"', '*', '{', '}', '|', '^', '`', '<', '>', '$', '&', ';']) {
            return refused("a repository's address has no user, query, fragment, escape or special character");
        }
        let Ok(url) = url::Url::parse(text) else {
            return refused("this is not an https address");
        };
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return refused("the address has no host");
        };
        let loopback_port = match (url.scheme(), host, url.port()) {
            ("https", _, None) => None,
            ("http", "127.0.0.1", Some(port)) => Some(port),
            ("https", _, Some(_)) => return refused("an https repository is on the usual port 443"),
            _ => return refused("only https repositories are accepted"),
        };
        let is_address = host.parse::<IpAddr>().is_ok() || host.starts_with('[');
        if loopback_port.is_none() && (is_address || !is_public_name(host)) {
            return refused("the host is a public name such as github.com");
        }
        // The parser normalises host and path; what was written otherwise (decimal or octal addresses, dots) is refused.
        let rest = text.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let written = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if written != host || url.path().strip_prefix('/') != Some(path) {
            return refused("the address is not written in its usual form");
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        let path = path.strip_suffix(".git").unwrap_or(path);
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with(['-', '.'])
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+'))
        };
        let least = if loopback_port.is_some() { 1 } else { 2 };
        // A second `.git` would be dropped when the stored address is read, which would then be another repository's.
        if path.split('/').count() < least || !path.split('/').all(plain) || path.ends_with(".git") {
            return refused("the path names an owner and a repository");
        }
        Ok(Self { host: host.to_owned(), loopback_port, path: path.to_owned() })
    }
}

fn is_public_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let private = |suffix: &str| host == suffix || host.ends_with(&format!(".{suffix}"));
    host.contains('.')
        && host.len() <= 253
        && host.split('.').all(label)
        && !host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
        && !["localhost", "local", "internal", "test", "invalid", "example", "arpa"].into_iter().any(private)
}

serde_as_text!(RepositoryUrl);
