//! What a sign-in needs to know, and what a failed one leaves behind.

use aws_sdk_dynamodb::error::DisplayErrorContext;
use domain::throttle::{Failures, Subjects, WINDOW, window};
use domain::{Email, Error, Sha256, Timestamp};
use futures_util::future::try_join_all;

use super::{Account, Users, hash_of};
use crate::item::{Item, from_item, number};
use crate::keys;

/// All that a sign-in is decided by: one read.
#[derive(Debug, Clone)]
pub struct SignInAttempt {
    /// The account, if the e-mail address has one.
    pub account: Option<Account>,
    /// Failures so far.
    pub failures: Failures,
}

impl Users {
    /// Reads the account and the counts of failures together.
    pub async fn sign_in_attempt(&self, email: &Email, who: &Subjects, now: Timestamp) -> Result<SignInAttempt, Error> {
        let window = window(now);
        let wanted = [
            keys::email(hash_of(email)),
            keys::throttle(who.account, window),
            keys::throttle(who.address, window),
            keys::throttle(who.pair, window),
            keys::known_address(who.pair),
        ];
        let items = self.table.get_all(&wanted).await?;
        let count = |at: usize| items[at].as_ref().map_or(0, failures_in);
        let failures =
            Failures { account: count(1), address: count(2), pair: count(3), known_address: items[4].is_some() };
        Ok(SignInAttempt { account: items[0].clone().map(from_item).transpose()?, failures })
    }

    /// Counts a failed sign-in for the account, the address, and both together. Three writes that cannot refuse each
    /// other, rather than a transaction that parallel guesses could make fail, and so go uncounted.
    pub async fn count_failure(&self, who: &Subjects, now: Timestamp) -> Result<(), Error> {
        let counted = [who.account, who.address, who.pair].map(|subject| self.count(subject, now));
        try_join_all(counted).await.map(|_| ())
    }

    async fn count(&self, subject: Sha256, now: Timestamp) -> Result<(), Error> {
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(keys::throttle(subject, window(now)).item()))
            .update_expression("ADD failures :one SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":ttl", number(now.plus(WINDOW * 2).millis() / 1000));
        request.send().await.map(|_| ()).map_err(|error| Error::unavailable(DisplayErrorContext(&error)))
    }
}

fn failures_in(item: &Item) -> u64 {
    item.get("failures").and_then(|value| value.as_n().ok()).and_then(|count| count.parse().ok()).unwrap_or(0)
}
