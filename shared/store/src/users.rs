//! The users table: people, their e-mail reservations, credentials, invitations, and failed sign-ins.

mod accounts;
mod credentials;
mod sign_in;

use aws_types::SdkConfig;
use domain::{Email, Error, Sha256, User, UserId};
use serde::{Deserialize, Serialize};

use crate::item::to_item;
use crate::keys;
use crate::table::{Table, Written};

pub use accounts::NewAccount;
pub use sign_in::SignInAttempt;

/// People and how they sign in.
#[derive(Debug, Clone)]
pub struct Users {
    table: Table,
}

/// What an e-mail address opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose it is.
    pub user: UserId,
    /// Whether that person claimed the installation.
    pub platform_owner: bool,
    /// The password's hash in PHC string format.
    pub password_hash: String,
    /// Rises with every write.
    pub revision: u64,
}

impl Users {
    /// The table of this name, reached with this configuration.
    pub fn new(config: &SdkConfig, table: String) -> Self {
        Self { table: Table::new(config, table) }
    }

    /// A person.
    pub async fn get(&self, id: UserId) -> Result<User, Error> {
        self.table.get(&keys::user(id)).await?.ok_or(Error::NotFound("user"))
    }

    /// Writes a person's profile over the revision before it.
    pub async fn replace(&self, user: &User) -> Result<(), Error> {
        let item = to_item(&keys::user(user.id), user)?;
        match self.table.replace(item, user.revision - 1).await? {
            Written::Done => Ok(()),
            Written::Refused => Err(Error::Contended),
        }
    }

    /// What an e-mail address opens.
    pub async fn account(&self, email: &Email) -> Result<Option<Account>, Error> {
        self.table.get(&keys::email(hash_of(email))).await
    }

    /// Writes an account over the revision before it.
    pub async fn replace_account(&self, email: &Email, account: &Account) -> Result<(), Error> {
        let item = to_item(&keys::email(hash_of(email)), account)?;
        match self.table.replace(item, account.revision - 1).await? {
            Written::Done => Ok(()),
            Written::Refused => Err(Error::Contended),
        }
    }
}

fn hash_of(email: &Email) -> Sha256 {
    Sha256::of(email.as_str().as_bytes())
}
