//! What was answered to requests with an `Idempotency-Key`, for 24 hours. Any table with a `ttl` can hold it.

use std::time::Duration;

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_types::SdkConfig;
use domain::{Error, Sha256, Timestamp};

use crate::item::{Item, number, text};
use crate::keys;
use crate::table::Table;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// After this a request without an answer is lost: its function's time was over long before.
const LOST: Duration = Duration::from_secs(60);

/// Answers by the names of their requests.
#[derive(Debug, Clone)]
pub struct Idempotency {
    table: Table,
}

/// What a name stands for when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing until now: go on, then [`Idempotency::finish`] or [`Idempotency::forget`].
    New,
    /// The same request, not answered yet.
    Running,
    /// Another request.
    Other,
    /// The same request, and its answer.
    Done(Vec<u8>),
}

impl Idempotency {
    /// Answers kept in the table of this name.
    pub fn new(config: &SdkConfig, table: String) -> Self {
        Self { table: Table::new(config, table) }
    }

    /// Takes a name for a request, or says what it stands for already: one conditional write.
    pub async fn begin(&self, name: Sha256, fingerprint: Sha256, now: Timestamp) -> Result<Begun, Error> {
        let free = "attribute_not_exists(pk) OR expires < :now OR (attribute_not_exists(answer) AND started < :lost)";
        let mut item = self.item(name, now);
        item.insert("fingerprint".into(), text(fingerprint.to_string()));
        let request = self.table.client.put_item().table_name(&self.table.name).set_item(Some(item));
        let answer = request
            .condition_expression(free)
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":lost", text(now.minus(LOST).to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else { return Ok(Begun::New) };
        match error.into_service_error() {
            PutItemError::ConditionalCheckFailedException(refused) => {
                Ok(stands_for(refused.item().unwrap_or(&Item::new()), fingerprint))
            }
            other => Err(Error::unavailable(DisplayErrorContext(&other))),
        }
    }

    /// Keeps the answer to a request.
    pub async fn finish(&self, name: Sha256, answer: &[u8], now: Timestamp) -> Result<(), Error> {
        let request = self.table.client.update_item().table_name(&self.table.name);
        let request = request
            .set_key(Some(keys::idempotency(name).item()))
            .update_expression("SET answer = :answer, expires = :expires")
            .expression_attribute_values(":answer", AttributeValue::B(Blob::new(answer)))
            .expression_attribute_values(":expires", text(now.plus(KEPT).to_string()));
        request.send().await.map(|_| ()).map_err(|error| Error::unavailable(DisplayErrorContext(&error)))
    }

    /// Frees a name whose request changed nothing.
    pub async fn forget(&self, name: Sha256) -> Result<(), Error> {
        let request = self.table.client.delete_item().table_name(&self.table.name);
        let request = request.set_key(Some(keys::idempotency(name).item()));
        request.send().await.map(|_| ()).map_err(|error| Error::unavailable(DisplayErrorContext(&error)))
    }

    fn item(&self, name: Sha256, now: Timestamp) -> Item {
        let mut item = keys::idempotency(name).item();
        let expires = now.plus(KEPT);
        item.insert("started".into(), text(now.to_string()));
        // DynamoDB removes it some time after `ttl`; until then `expires` says that it does not count.
        item.insert("expires".into(), text(expires.to_string()));
        item.insert("ttl".into(), number(expires.millis() / 1_000));
        item
    }
}

fn stands_for(item: &Item, fingerprint: Sha256) -> Begun {
    let same = item.get("fingerprint").and_then(|value| value.as_s().ok()) == Some(&fingerprint.to_string());
    let answer = item.get("answer").and_then(|value| value.as_b().ok());
    match (same, answer) {
        (false, _) => Begun::Other,
        (true, Some(answer)) => Begun::Done(answer.clone().into_inner()),
        (true, None) => Begun::Running,
    }
}
