//! The operations of DynamoDB, from JSON to JSON.

use dynoxide::{Database, DynoxideError, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Runs an operation by its name; `None` when there is no such operation here. Blocks.
pub fn run(database: &Database, operation: &str, body: &[u8]) -> Option<Result<String>> {
    macro_rules! dispatch {
        ($($name:literal => $method:ident,)*) => {
            match operation {
                $($name => read(body).and_then(|request| database.$method(request)).and_then(|answer| write(&answer)),)*
                _ => return None,
            }
        };
    }
    Some(dispatch! {
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "DeleteItem" => delete_item,
        "DescribeTable" => describe_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "GetItem" => get_item,
        "ListTables" => list_tables,
        "PutItem" => put_item,
        "Query" => query,
        "Scan" => scan,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "UpdateItem" => update_item,
    })
}

/// The engine marks in its message which of DynamoDB's two kinds of error a wrong request is.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        for mark in ["VALIDATION_REQUEST:", "VALIDATION:"] {
            if let Some(message) = message.strip_prefix(mark) {
                return DynoxideError::ValidationException(message.to_owned());
            }
        }
        if error.is_data() && (message.contains("missing field") || message.contains("AttributeValue")) {
            return DynoxideError::ValidationException(message.to_owned());
        }
        let message = message.strip_prefix("SERIALIZATION:").unwrap_or(message);
        DynoxideError::SerializationException(message.to_owned())
    })
}

fn write<T: Serialize>(answer: &T) -> Result<String> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
