//! One table and the few calls that are made to it. Reads are consistent: a promote that was answered is seen by all.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{KeysAndAttributes, Put, TransactWriteItem};
use aws_types::SdkConfig;
use domain::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::item::{Item, from_item, number, text, to_item};
use crate::keys::Key;

/// A table reached with a client.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub client: Client,
    pub name: String,
}

/// What a guarded write met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is done.
    Done,
    /// The guard did not hold.
    Refused,
}

impl Table {
    pub(crate) fn new(config: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(config), name }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key.item())).consistent_read(true);
        let answer = request.send().await.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        answer.item.map(from_item).transpose()
    }

    /// Reads up to 100 items in one request; the answer has them in the order of the keys.
    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error> {
        let mut found: Vec<Item> = Vec::new();
        let mut left = Some(keys.iter().map(Key::item).collect::<Vec<_>>()).filter(|keys| !keys.is_empty());
        while let Some(wanted) = left {
            let wanted = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let wanted = wanted.map_err(Error::unavailable)?;
            let answer = self.client.batch_get_item().request_items(&self.name, wanted).send().await;
            let mut answer = answer.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
            found.extend(answer.responses.take().and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default());
            // DynamoDB may answer in part when the items are large or it is busy.
            left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name)).map(|rest| rest.keys);
        }
        let of_key = |key: &Key| {
            let place =
                found.iter().position(|item| key.item().iter().all(|(name, value)| item.get(name) == Some(value)));
            place.map(|place| found[place].clone())
        };
        Ok(keys.iter().map(of_key).collect())
    }

    /// Items of one partition whose sort key begins so, from `after` on (exclusive), at most `limit`.
    pub(crate) async fn query(&self, pk: &str, range: Range<'_>, limit: i32) -> Result<Vec<Item>, Error> {
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .limit(limit)
            .scan_index_forward(!range.newest_first)
            .expression_attribute_values(":pk", text(pk));
        request = match range.after {
            None => request
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", text(range.prefix)),
            Some(after) => {
                let (from, to) = match range.newest_first {
                    true => (range.prefix.to_owned(), before(after)),
                    false => (format!("{after}\u{0}"), format!("{}\u{10ffff}", range.prefix)),
                };
                request
                    .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                    .expression_attribute_values(":from", text(from))
                    .expression_attribute_values(":to", text(to))
            }
        };
        let answer = request.send().await.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        Ok(answer.items.unwrap_or_default())
    }

    /// Writes a new record; refused when the key is taken.
    pub(crate) async fn put_new(&self, key: &Key, record: &impl Serialize) -> Result<Written, Error> {
        let item = to_item(key, record)?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        guarded(request.condition_expression("attribute_not_exists(pk)").send().await)
    }

    /// Writes a record, whatever was there: for progress that only grows and may be lost.
    pub(crate) async fn put(&self, key: &Key, record: &impl Serialize) -> Result<(), Error> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(to_item(key, record)?));
        request.send().await.map(|_| ()).map_err(|error| Error::unavailable(DisplayErrorContext(&error)))
    }

    /// Writes a record over the one with this revision; refused when another was, or is being, written meanwhile.
    pub(crate) async fn replace(&self, item: Item, revision_read: u64) -> Result<Written, Error> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let request = request.condition_expression("revision = :read");
        let answer = request.expression_attribute_values(":read", number(revision_read)).send().await;
        match &answer {
            // A transaction holds the item and is about to change it: what was read will not be what is there.
            Err(error)
                if error.as_service_error().is_some_and(|service| service.is_transaction_conflict_exception()) =>
            {
                Ok(Written::Refused)
            }
            _ => guarded(answer),
        }
    }

    /// Deletes a record, whatever it was: for what its owner wants gone.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), Error> {
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(key.item()));
        request.send().await.map(|_| ()).map_err(|error| Error::unavailable(DisplayErrorContext(&error)))
    }

    /// A part of a transaction: a new record.
    pub(crate) fn putting_new(&self, item: Item) -> Result<TransactWriteItem, Error> {
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        transact(put.condition_expression("attribute_not_exists(pk)"))
    }

    /// A part of a transaction: a record over the one with this revision.
    pub(crate) fn replacing(&self, item: Item, revision_read: u64) -> Result<TransactWriteItem, Error> {
        let put = Put::builder().table_name(&self.name).set_item(Some(item)).condition_expression("revision = :read");
        transact(put.expression_attribute_values(":read", number(revision_read)))
    }
}

/// Which items of a partition a query wants.
pub(crate) struct Range<'a> {
    pub prefix: &'a str,
    pub after: Option<&'a str>,
    pub newest_first: bool,
}

/// The largest text that sorts before this one, among texts whose last byte is not the smallest.
fn before(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last = last.saturating_sub(1);
    }
    format!("{}\u{10ffff}", String::from_utf8_lossy(&bytes))
}

fn transact(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem, Error> {
    Ok(TransactWriteItem::builder().put(put.build().map_err(Error::unavailable)?).build())
}

fn guarded<T>(
    answer: Result<T, aws_sdk_dynamodb::error::SdkError<aws_sdk_dynamodb::operation::put_item::PutItemError>>,
) -> Result<Written, Error> {
    match answer {
        Ok(_) => Ok(Written::Done),
        Err(error) => match error.as_service_error() {
            Some(service) if service.is_conditional_check_failed_exception() => Ok(Written::Refused),
            _ => Err(Error::unavailable(DisplayErrorContext(&error))),
        },
    }
}
