//! Asynchronous invocations: a queue on disk, retries, then the dead-letter queue.
//!
//! An event is on the disk before it is accepted and leaves it after the function succeeded or the event was put into
//! a dead-letter queue, so a crash repeats but never loses one. Lambda waits one and two minutes between tries; the
//! laptop waits 1 s and 2 s unless told otherwise.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{Answer, InvokeError, Lambda};
use crate::queues::Queues;
use crate::template::Function;
use crate::{clock, durable};

/// Events that are tried at the same time, over all functions.
const AT_ONCE: usize = 64;
/// Lambda keeps an event it cannot place for six hours.
const OLDEST_MS: i64 = 6 * 60 * 60 * 1000;

/// The queue of asynchronous invocations.
#[derive(Clone)]
pub struct Background {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    delays: Vec<Duration>,
    lambda: Lambda,
    queues: Queues,
    slots: Semaphore,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Item {
    request_id: String,
    function: String,
    payload: String,
    failures: u32,
    accepted: i64,
    due: i64,
}

/// What a try came to.
enum Tried {
    Done,
    Failed(Bytes),
    /// Not the function's fault: tried again without counting.
    NotPlaced(String),
}

impl Background {
    /// Opens the queue and resumes what an earlier platform left. `delays` are the pauses before the retries.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(folder: &Path, delays: Vec<Duration>, lambda: Lambda, queues: Queues) -> io::Result<Self> {
        let left = durable::read_folder(folder)?;
        let slots = Semaphore::new(AT_ONCE);
        let shared = Shared { folder: folder.to_owned(), delays, lambda, queues, slots };
        let background = Self { shared: Arc::new(shared) };
        for (path, content) in left {
            let item = serde_json::from_slice(&content)?;
            tokio::spawn(background.clone().work(path, item));
        }
        Ok(background)
    }

    /// Accepts an event for a function; it is on the disk when this returns.
    ///
    /// # Errors
    /// The disk's.
    pub async fn accept(&self, function: &str, payload: String) -> io::Result<String> {
        let request_id = clock::request_id();
        let item = Item {
            request_id: request_id.clone(),
            function: function.to_owned(),
            payload,
            failures: 0,
            accepted: millis(),
            due: 0,
        };
        let path = self.shared.folder.join(format!("{}.json", clock::sequence()));
        let (target, content) = (path.clone(), serde_json::to_vec(&item)?);
        tokio::task::spawn_blocking(move || durable::write(&target, &content)).await??;
        tokio::spawn(self.clone().work(path, item));
        Ok(request_id)
    }

    /// Events that are not done yet.
    pub fn depth(&self) -> usize {
        std::fs::read_dir(&self.shared.folder).map(Iterator::count).unwrap_or_default()
    }

    async fn work(self, path: PathBuf, mut item: Item) {
        while let Some(pool) = self.shared.lambda.find(&item.function).cloned() {
            tokio::time::sleep(Duration::from_millis((item.due - millis()).max(0).unsigned_abs())).await;
            let tried = {
                let Ok(_slot) = self.shared.slots.acquire().await else { return };
                tried(pool.invoke(&item.request_id, item.payload.clone().into()).await).await
            };
            match tried {
                Tried::Done => break,
                Tried::NotPlaced(why) if millis() - item.accepted < OLDEST_MS => {
                    tracing::debug!(function = item.function, why, "an event waits for its function");
                    item.due = millis() + 1000;
                }
                Tried::NotPlaced(why) => {
                    let error = json!({ "errorType": "EventAgeExceeded", "errorMessage": why }).to_string();
                    self.bury(&pool.function, &item, error.as_bytes(), "EventAgeExceeded");
                    break;
                }
                Tried::Failed(error) => {
                    item.failures += 1;
                    if item.failures > pool.function.retries {
                        self.bury(&pool.function, &item, &error, "RetriesExhausted");
                        break;
                    }
                    let delay = self.shared.delays.get(item.failures as usize - 1).or(self.shared.delays.last());
                    item.due = millis() + delay.map_or(0, |delay| delay.as_millis() as i64);
                    if let Err(error) = durable::write(&path, &serde_json::to_vec(&item).unwrap_or_default()) {
                        tracing::error!(%error, "cannot note a failed try");
                    }
                }
            }
        }
        if let Err(error) = durable::remove(&path) {
            tracing::error!(%error, "cannot remove a finished event");
        }
    }

    /// Puts an event that failed for good where the template says.
    fn bury(&self, function: &Function, item: &Item, error: &[u8], condition: &str) {
        let error: Value = serde_json::from_slice(error)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(error).into_owned()));
        let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
        if let Some(queue) = &function.dead_letters {
            let message = error["errorMessage"].as_str().unwrap_or("the function failed");
            let attributes = json!({
                "RequestID": text(&item.request_id),
                "ErrorCode": { "DataType": "Number", "StringValue": "200" },
                "ErrorMessage": text(message),
            });
            self.send(queue, &item.payload, attributes);
        }
        if let Some(queue) = &function.on_failure {
            let record = json!({
                "version": "1.0",
                "timestamp": clock::timestamp(clock::now()),
                "requestContext": {
                    "requestId": item.request_id,
                    "functionArn": format!("{}:$LATEST", function.arn),
                    "condition": condition,
                    "approximateInvokeCount": item.failures,
                },
                "requestPayload": serde_json::from_str::<Value>(&item.payload).unwrap_or_default(),
                "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
                "responsePayload": error,
            });
            self.send(queue, &record.to_string(), Value::Null);
        }
        tracing::warn!(function = function.id, request_id = item.request_id, condition, "an event failed for good");
    }

    fn send(&self, queue: &str, body: &str, attributes: Value) {
        if let Err(error) = self.shared.queues.send(queue, body, attributes) {
            tracing::error!(%error, queue, "cannot write a dead letter");
        }
    }
}

async fn tried(outcome: Result<Answer, InvokeError>) -> Tried {
    match outcome {
        Ok(Answer::Buffered(_)) => Tried::Done,
        Ok(Answer::Failed(error)) => Tried::Failed(error),
        Ok(Answer::Stream { mut body, .. }) => {
            while let Some(chunk) = body.recv().await {
                if let Err(broken) = chunk {
                    return Tried::Failed(json!({ "errorMessage": broken.to_string() }).to_string().into());
                }
            }
            Tried::Done
        }
        Err(error @ InvokeError::TooLarge { .. }) => {
            Tried::Failed(json!({ "errorMessage": error.to_string() }).to_string().into())
        }
        Err(error) => Tried::NotPlaced(error.to_string()),
    }
}

fn millis() -> i64 {
    (clock::now().unix_timestamp_nanos() / 1_000_000) as i64
}
