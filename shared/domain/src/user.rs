//! People with an account.

use serde::{Deserialize, Serialize};

use crate::{Email, Sha256, Timestamp, TokenId, UserId};

/// A user as stored, without the password's hash, which lies with the e-mail reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its name for ever.
    pub id: UserId,
    /// Where the person signs in with.
    pub email: Email,
    /// What the person wants to be called.
    pub name: String,
    /// Whether this is the person who claimed the installation.
    pub platform_owner: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Rises with every write.
    pub revision: u64,
}

/// Why a credential exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialKind {
    /// By signing in.
    Session,
    /// Made for a program.
    Token,
}

/// A session or API token. Its text is known to its holder only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Names it in lists.
    pub id: TokenId,
    /// SHA-256 of its text.
    pub sha256: Sha256,
    /// Why it exists.
    pub kind: CredentialKind,
    /// Whose it is.
    pub user: UserId,
    /// Whether that person claimed the installation.
    pub platform_owner: bool,
    /// What its holder calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}
