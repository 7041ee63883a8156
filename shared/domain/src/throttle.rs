//! How often a sign-in may fail.
//!
//! Three counts, so that nobody can guess one account's password from many addresses, nor many accounts' from one, and
//! yet no stranger can lock the owner out: an address from which the account was signed in to before is not held to the
//! account's count, only to its own.

use std::time::Duration;

use crate::{Email, Error, Sha256, Timestamp};

/// Failed attempts are counted within windows of this length.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Most failures for one account from one address.
pub const MOST_PER_PAIR: u64 = 10;
/// Most failures for one account from addresses it does not know: 80 an hour (OWASP ASVS 5.0 V6.3.1 asks for a limit).
pub const MOST_PER_ACCOUNT: u64 = 20;
/// Most failures from one address, whatever the account.
pub const MOST_PER_ADDRESS: u64 = 60;

/// What the counts of a sign-in are kept under. Hashes: no address is stored.
#[derive(Debug, Clone, Copy)]
pub struct Subjects {
    /// The account, whether it exists or not.
    pub account: Sha256,
    /// The network address.
    pub address: Sha256,
    /// Both together.
    pub pair: Sha256,
}

impl Subjects {
    /// Of an attempt to sign in to this account from this address.
    pub fn of(email: &Email, address: &str) -> Self {
        Self {
            account: Sha256::of(format!("account\n{email}").as_bytes()),
            address: Sha256::of(format!("address\n{address}").as_bytes()),
            pair: Sha256::of(format!("pair\n{email}\n{address}").as_bytes()),
        }
    }
}

/// Failures within the present window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// For this account, from anywhere.
    pub account: u64,
    /// From this address, for any account.
    pub address: u64,
    /// For this account from this address.
    pub pair: u64,
    /// Whether the account was signed in to from this address before.
    pub known_address: bool,
}

/// The window a moment lies in.
pub fn window(now: Timestamp) -> i64 {
    now.millis().div_euclid(WINDOW.as_millis() as i64)
}

impl Failures {
    /// Refuses an attempt that is one too many, before any password is looked at.
    pub fn check(&self, now: Timestamp) -> Result<(), Error> {
        let account_full = self.account >= MOST_PER_ACCOUNT && !self.known_address;
        if account_full || self.address >= MOST_PER_ADDRESS || self.pair >= MOST_PER_PAIR {
            let length = WINDOW.as_millis() as i64;
            let left = length - now.millis().rem_euclid(length);
            return Err(Error::TooManyAttempts { retry_after_seconds: (left as u64).div_ceil(1000) });
        }
        Ok(())
    }
}
