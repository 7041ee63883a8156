//! Sessions and API tokens. Each is stored twice: by its hash, for every request; by its user, for lists.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::user::Credential;
use domain::{Error, Sha256, Timestamp, TokenId, UserId};
use serde::Serialize;

use super::Users;
use crate::item::{from_item, to_item};
use crate::keys::{self, Key};
use crate::table::Range;
use crate::transaction::{Committed, commit};

#[derive(Serialize)]
struct Stored<'a> {
    #[serde(flatten)]
    credential: &'a Credential,
    ttl: i64,
}

/// Credentials read by one request.
const PAGE: i32 = 100;

impl Users {
    /// Stores a credential. `known_address` is remembered as one the account was signed in to from.
    pub async fn add_credential(&self, credential: &Credential, known_address: Option<Sha256>) -> Result<(), Error> {
        let stored = Stored { credential, ttl: credential.expires_at.millis() / 1000 };
        let mut parts = vec![
            self.table.putting_new(to_item(&keys::credential(credential.sha256), &stored)?)?,
            self.table.putting_new(to_item(&keys::user_credential(credential.user, credential.id), &stored)?)?,
        ];
        if let Some(who) = known_address {
            parts.push(self.remembering(who, credential.created_at)?);
        }
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) => Err(Error::Contended),
        }
    }

    /// The credential of a token, unless it has expired: one read.
    pub async fn credential(&self, token: Sha256, now: Timestamp) -> Result<Option<Credential>, Error> {
        let found: Option<Credential> = self.table.get(&keys::credential(token)).await?;
        // DynamoDB removes expired items days later.
        Ok(found.filter(|credential| credential.expires_at > now))
    }

    /// A user's sessions and tokens that still work, oldest first.
    pub async fn credentials(&self, user: UserId, now: Timestamp) -> Result<Vec<Credential>, Error> {
        let mut found: Vec<Credential> = Vec::new();
        loop {
            let after = found.last().map(|last| keys::user_credential(user, last.id).sk);
            let range = Range { prefix: keys::USER_CREDENTIALS, after: after.as_deref(), newest_first: false };
            let items = self.table.query(&keys::user(user).pk, range, PAGE).await?;
            let is_last = items.len() < PAGE as usize;
            found.extend(items.into_iter().map(from_item).collect::<Result<Vec<_>, _>>()?);
            if is_last {
                found.retain(|credential| credential.expires_at > now);
                return Ok(found);
            }
        }
    }

    /// Ends one of a user's credentials. The next request with it is refused.
    pub async fn revoke(&self, user: UserId, id: TokenId) -> Result<(), Error> {
        let found: Option<Credential> = self.table.get(&keys::user_credential(user, id)).await?;
        let credential = found.ok_or(Error::NotFound("token"))?;
        self.delete(&[credential]).await
    }

    /// Ends all of a user's sessions but this one; tokens stay.
    pub async fn revoke_other_sessions(&self, user: UserId, keep: TokenId, now: Timestamp) -> Result<(), Error> {
        let all = self.credentials(user, now).await?;
        let is_other = |found: &Credential| found.id != keep && found.kind == domain::user::CredentialKind::Session;
        let others: Vec<Credential> = all.into_iter().filter(is_other).collect();
        for some in others.chunks(40) {
            self.delete(some).await?;
        }
        Ok(())
    }

    async fn delete(&self, credentials: &[Credential]) -> Result<(), Error> {
        let mut parts = Vec::new();
        for credential in credentials {
            parts.push(self.deleting(&keys::credential(credential.sha256))?);
            parts.push(self.deleting(&keys::user_credential(credential.user, credential.id))?);
        }
        commit(&self.table.client, parts).await.map(|_| ())
    }

    fn deleting(&self, key: &Key) -> Result<TransactWriteItem, Error> {
        let delete = Delete::builder().table_name(&self.table.name).set_key(Some(key.item())).build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(Error::unavailable)?).build())
    }

    fn remembering(&self, who: Sha256, now: Timestamp) -> Result<TransactWriteItem, Error> {
        #[derive(Serialize)]
        struct Known {
            ttl: i64,
        }
        let ninety_days = std::time::Duration::from_secs(90 * 24 * 60 * 60);
        let item = to_item(&keys::known_address(who), &Known { ttl: now.plus(ninety_days).millis() / 1000 })?;
        let put = Put::builder().table_name(&self.table.name).set_item(Some(item)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::unavailable)?).build())
    }
}
