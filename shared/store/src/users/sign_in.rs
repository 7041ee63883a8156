//! What a sign-in needs to know, and what a failed one leaves behind.

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::ReturnValue;
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
        let count = |at: usize| items[at].as_ref().map_or(0, failures_in).max(0).unsigned_abs();
        let failures =
            Failures { account: count(1), address: count(2), pair: count(3), known_address: items[4].is_some() };
        Ok(SignInAttempt { account: items[0].clone().map(from_item).transpose()?, failures })
    }

    /// Counts an attempt for the account, the address, and both together, before its password is looked at: of many at
    /// once each gets a number of its own. Returns the counts before this attempt. Three writes that cannot refuse each
    /// other, rather than a transaction.
    pub async fn count_attempt(&self, who: &Subjects, now: Timestamp) -> Result<Failures, Error> {
        let counted = [who.account, who.address, who.pair].map(|subject| self.add(subject, 1, now));
        let counted = try_join_all(counted).await?;
        let before = |at: usize| u64::try_from(counted[at] - 1).unwrap_or(0);
        Ok(Failures { account: before(0), address: before(1), pair: before(2), known_address: false })
    }

    /// Takes an attempt back that succeeded: only failures count.
    pub async fn forgive_attempt(&self, who: &Subjects, now: Timestamp) -> Result<(), Error> {
        let counted = [who.account, who.address, who.pair].map(|subject| self.add(subject, -1, now));
        try_join_all(counted).await.map(|_| ())
    }

    async fn add(&self, subject: Sha256, amount: i64, now: Timestamp) -> Result<i64, Error> {
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(keys::throttle(subject, window(now)).item()))
            .update_expression("ADD failures :amount SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":amount", number(amount))
            .expression_attribute_values(":ttl", number(now.plus(WINDOW * 2).millis() / 1000))
            .return_values(ReturnValue::UpdatedNew);
        let answer = request.send().await.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        Ok(answer.attributes().map_or(0, failures_in))
    }
}

fn failures_in(item: &Item) -> i64 {
    item.get("failures").and_then(|value| value.as_n().ok()).and_then(|count| count.parse().ok()).unwrap_or(0)
}
