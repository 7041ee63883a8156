//! Making accounts: the first by a claim, others by invitation or open sign-up.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use domain::{Error, Sha256, Timestamp, User, UserId};
use serde::{Deserialize, Serialize};

use super::{Account, Users, hash_of};
use crate::item::{text, to_item};
use crate::keys;
use crate::table::Written;
use crate::transaction::{Committed, commit};

/// Someone who is to have an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The person.
    pub user: User,
    /// The password's hash in PHC string format.
    pub password_hash: String,
}

/// The installation's own record: it exists once the installation is claimed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Installation {
    owner: UserId,
    sign_up_open: bool,
    revision: u64,
}

#[derive(Serialize)]
struct InvitationItem {
    expires_at: Timestamp,
    ttl: i64,
}

impl Users {
    /// Makes the first account, which owns the installation. There is only ever one.
    pub async fn claim(&self, new: &NewAccount) -> Result<(), Error> {
        let installation = Installation { owner: new.user.id, sign_up_open: false, revision: 1 };
        let mut parts = vec![self.table.putting_new(to_item(&keys::installation(), &installation)?)?];
        parts.extend(self.account_parts(new)?);
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(()),
            Committed::Refused(parts) if parts.contains(&0) => Err(Error::AlreadyClaimed),
            Committed::Refused(_) => Err(Error::EmailUnavailable),
        }
    }

    /// Makes an account with an invitation, which is used up by it.
    pub async fn accept_invitation(&self, code: Sha256, new: &NewAccount, now: Timestamp) -> Result<(), Error> {
        let taken = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(keys::invitation(code).item()))
            .condition_expression("attribute_exists(pk) AND expires_at > :now")
            .expression_attribute_values(":now", text(now.to_string()))
            .build();
        let taken = TransactWriteItem::builder().delete(taken.map_err(Error::unavailable)?).build();
        let mut parts = vec![taken];
        parts.extend(self.account_parts(new)?);
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(()),
            Committed::Refused(parts) if parts.contains(&0) => {
                Err(Error::Forbidden("the invitation is not valid, used already, or too old; ask for a new one"))
            }
            Committed::Refused(_) => Err(Error::EmailUnavailable),
        }
    }

    /// Makes an account without an invitation, if the owner has opened sign-up.
    pub async fn sign_up(&self, new: &NewAccount) -> Result<(), Error> {
        let installation: Option<Installation> = self.table.get(&keys::installation()).await?;
        if !installation.is_some_and(|installation| installation.sign_up_open) {
            return Err(Error::Forbidden("accounts are by invitation here; ask the installation's owner for one"));
        }
        match commit(&self.table.client, self.account_parts(new)?.to_vec()).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) => Err(Error::EmailUnavailable),
        }
    }

    /// Stores an invitation; its code's hash is all that is kept of it.
    pub async fn invite(&self, code: Sha256, expires_at: Timestamp) -> Result<(), Error> {
        let item = InvitationItem { expires_at, ttl: expires_at.millis() / 1000 };
        match self.table.put_new(&keys::invitation(code), &item).await? {
            Written::Done => Ok(()),
            Written::Refused => Err(Error::Contended),
        }
    }

    /// Opens or closes sign-up without an invitation.
    pub async fn set_sign_up(&self, open: bool) -> Result<(), Error> {
        let found: Option<Installation> = self.table.get(&keys::installation()).await?;
        let read = found.ok_or(Error::NotFound("installation"))?;
        let next = Installation { sign_up_open: open, revision: read.revision + 1, ..read };
        match self.table.replace(to_item(&keys::installation(), &next)?, next.revision - 1).await? {
            Written::Done => Ok(()),
            Written::Refused => Err(Error::Contended),
        }
    }

    fn account_parts(&self, new: &NewAccount) -> Result<[TransactWriteItem; 2], Error> {
        let account = Account {
            user: new.user.id,
            platform_owner: new.user.platform_owner,
            password_hash: new.password_hash.clone(),
            revision: 1,
        };
        Ok([
            self.table.putting_new(to_item(&keys::email(hash_of(&new.user.email)), &account)?)?,
            self.table.putting_new(to_item(&keys::user(new.user.id), &new.user)?)?,
        ])
    }
}
