//! Transactions: all of it or none.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::Error;

use crate::pause::pause;

/// How a transaction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Committed {
    /// All of it is written.
    Done,
    /// Nothing is written: these parts' conditions did not hold.
    Refused(Vec<usize>),
}

/// How often a transaction that met another one is tried. The SDK does not retry these itself.
const TRIES: u32 = 4;

/// Writes all parts or none. `TransactionConflict` means that nothing was written and nothing was found wrong: another
/// transaction held an item at that moment, so the same one is sent again after a short pause.
pub(crate) async fn commit(client: &Client, parts: Vec<TransactWriteItem>) -> Result<Committed, Error> {
    for attempt in 1..=TRIES {
        let Err(error) = client.transact_write_items().set_transact_items(Some(parts.clone())).send().await else {
            return Ok(Committed::Done);
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
            return Err(Error::unavailable(DisplayErrorContext(&error)));
        };
        let codes: Vec<&str> =
            canceled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).collect();
        let failed: Vec<usize> =
            codes.iter().enumerate().filter(|(_, code)| **code == "ConditionalCheckFailed").map(|(at, _)| at).collect();
        if !failed.is_empty() {
            return Ok(Committed::Refused(failed));
        }
        if !codes.contains(&"TransactionConflict") {
            return Err(Error::unavailable(DisplayErrorContext(&error)));
        }
        if attempt < TRIES {
            pause(attempt).await;
        }
    }
    Err(Error::Contended)
}
