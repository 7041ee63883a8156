//! Secrets: text with a prefix that says what it opens. What only has to be recognised is stored as its SHA-256.

use crate::Sha256;

/// What a secret opens; its text begins so, which lets scanners and people recognise a leaked one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person's session: `sls_`
    Session,
    /// An API token: `slt_`
    Token,
    /// A build's one-time ticket: `slk_`
    Ticket,
    /// An invitation: `sli_`
    Invitation,
    /// An invitation to a project: `slm_`
    Membership,
    /// What a project's webhook deliveries are signed with: `slw_`
    Webhook,
}

/// A new secret from 32 random bytes (256 bits): prefix and 64 hexadecimal digits.
pub fn secret(kind: Kind, random: [u8; 32]) -> String {
    let prefix = match kind {
        Kind::Session => "sls_",
        Kind::Token => "slt_",
        Kind::Ticket => "slk_",
        Kind::Invitation => "sli_",
        Kind::Membership => "slm_",
        Kind::Webhook => "slw_",
    };
    format!("{prefix}{}", hex::encode(random))
}

/// Whether two secrets are the same; the time taken tells nothing about where they differ, because hashes are compared.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    Sha256::of(a) == Sha256::of(b)
}
