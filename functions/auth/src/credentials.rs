//! Making sessions and tokens.

use std::time::Duration;

use domain::secret::{Kind, secret};
use domain::user::{Credential, CredentialKind};
use domain::{Error, Sha256, Timestamp, TokenId, UserId};
use serde::Serialize;
use web::random;

use crate::State;

/// How long a session lasts.
pub(crate) const SESSION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A credential as its holder sees it in lists.
#[derive(Debug, Serialize)]
pub(crate) struct CredentialAnswer {
    id: TokenId,
    kind: CredentialKind,
    name: String,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<Credential> for CredentialAnswer {
    fn from(credential: Credential) -> Self {
        let Credential { id, kind, name, created_at, expires_at, .. } = credential;
        Self { id, kind, name, created_at, expires_at }
    }
}

/// A new credential and, this once, its text.
#[derive(Debug, Serialize)]
pub(crate) struct NewCredential {
    /// To be sent as `Authorization: Bearer …`; it cannot be shown again.
    token: String,
    #[serde(flatten)]
    credential: CredentialAnswer,
}

/// What a credential is to be.
pub(crate) struct Wanted {
    pub user: UserId,
    pub platform_owner: bool,
    pub kind: CredentialKind,
    pub name: String,
    pub lasts: Duration,
    /// The address to remember for this account.
    pub known_address: Option<Sha256>,
}

/// Makes a credential of 256 random bits and stores its hash.
pub(crate) async fn issue(state: &State, wanted: Wanted) -> Result<NewCredential, Error> {
    let kind = match wanted.kind {
        CredentialKind::Session => Kind::Session,
        CredentialKind::Token => Kind::Token,
    };
    let token = secret(kind, random::bytes());
    let now = (state.clock)();
    let credential = Credential {
        id: TokenId::new(now, random::number()),
        sha256: Sha256::of(token.as_bytes()),
        kind: wanted.kind,
        user: wanted.user,
        platform_owner: wanted.platform_owner,
        name: wanted.name,
        created_at: now,
        expires_at: now.plus(wanted.lasts),
    };
    state.users.add_credential(&credential, wanted.known_address).await?;
    Ok(NewCredential { token, credential: credential.into() })
}
