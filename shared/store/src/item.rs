//! Records as items and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::Key;

pub(crate) type Item = HashMap<String, AttributeValue>;

impl Key {
    /// The key as an item of its two attributes.
    pub(crate) fn item(&self) -> Item {
        HashMap::from([("pk".into(), text(&self.pk)), ("sk".into(), text(&self.sk))])
    }
}

/// A text attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A record under its key.
pub(crate) fn to_item(key: &Key, record: &impl Serialize) -> Result<Item, Error> {
    let mut item: Item = serde_dynamo::to_item(record).map_err(Error::unavailable)?;
    item.extend(key.item());
    Ok(item)
}

/// A record read back. An item that does not parse is a fault of ours, not of the caller.
pub(crate) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(|error| Error::unavailable(format!("an item cannot be read: {error}")))
}
