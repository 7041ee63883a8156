//! A minimal SQS: standard queues on disk, in the JSON protocol. Messages survive a crash; what a receiver has hidden
//! is visible again after a restart.

mod protocol;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Notify;

use crate::template::Queue;
use crate::{clock, durable};

/// All queues of the platform.
#[derive(Clone)]
pub struct Queues {
    queues: Arc<BTreeMap<String, Shelf>>,
}

/// One message as it lies on the disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    /// Message id.
    pub id: String,
    /// The body.
    pub body: String,
    /// Message attributes in the wire's shape.
    #[serde(default)]
    pub attributes: Value,
    /// Milliseconds since 1970 at sending.
    pub sent: i64,
}

struct Shelf {
    folder: PathBuf,
    visibility: Duration,
    arrived: Notify,
    messages: Mutex<BTreeMap<PathBuf, Slot>>,
}

struct Slot {
    message: Message,
    hidden_until: Option<Instant>,
    received: u32,
}

/// A received message and the handle that deletes it.
pub struct Received {
    /// The message.
    pub message: Message,
    /// What `DeleteMessage` wants.
    pub handle: String,
    /// How often it was received, this time included.
    pub count: u32,
}

impl Queues {
    /// Opens the queues under a folder, one sub-folder each.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(folder: &Path, queues: &[Queue]) -> io::Result<Self> {
        let mut shelves = BTreeMap::new();
        for queue in queues {
            let folder = folder.join(&queue.name);
            let mut messages = BTreeMap::new();
            for (path, content) in durable::read_folder(&folder)? {
                let message = serde_json::from_slice(&content)?;
                messages.insert(path, Slot { message, hidden_until: None, received: 0 });
            }
            let visibility = Duration::from_secs(queue.visibility_seconds);
            let shelf = Shelf { folder, visibility, arrived: Notify::new(), messages: Mutex::new(messages) };
            shelves.insert(queue.name.clone(), shelf);
        }
        Ok(Self { queues: Arc::new(shelves) })
    }

    /// Names and depths (visible and hidden messages) of all queues.
    pub fn depths(&self) -> BTreeMap<String, (usize, usize)> {
        self.queues.iter().map(|(name, shelf)| (name.clone(), shelf.depth())).collect()
    }

    /// Sends a message to the queue that a name, URL or ARN ends with. The message is on the disk when this returns.
    ///
    /// # Errors
    /// The disk's; `NotFound` if there is no such queue.
    pub fn send(&self, queue: &str, body: &str, attributes: Value) -> io::Result<Message> {
        let shelf =
            self.shelf(queue).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no queue {queue}")))?;
        let sent = (clock::now().unix_timestamp_nanos() / 1_000_000) as i64;
        let message = Message { id: clock::request_id(), body: body.to_owned(), attributes, sent };
        let path = shelf.folder.join(format!("{}.json", clock::sequence()));
        durable::write(&path, &serde_json::to_vec(&message)?)?;
        let slot = Slot { message: message.clone(), hidden_until: None, received: 0 };
        shelf.lock().insert(path, slot);
        shelf.arrived.notify_waiters();
        Ok(message)
    }

    fn shelf(&self, queue: &str) -> Option<&Shelf> {
        self.queues.get(queue.rsplit(['/', ':']).next().unwrap_or(queue))
    }
}

impl Shelf {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<PathBuf, Slot>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn depth(&self) -> (usize, usize) {
        let (messages, now) = (self.lock(), Instant::now());
        let hidden = messages.values().filter(|slot| slot.hidden_until.is_some_and(|until| until > now)).count();
        (messages.len() - hidden, hidden)
    }

    fn receive(&self, most: usize, visibility: Duration) -> Vec<Received> {
        let now = Instant::now();
        let mut messages = self.lock();
        let visible = messages.iter_mut().filter(|(_, slot)| slot.hidden_until.is_none_or(|until| until <= now));
        visible
            .take(most)
            .map(|(path, slot)| {
                slot.hidden_until = Some(now + visibility);
                slot.received += 1;
                let handle = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Received { message: slot.message.clone(), handle, count: slot.received }
            })
            .collect()
    }

    fn delete(&self, handle: &str) -> io::Result<()> {
        let path = self.folder.join(format!("{handle}.json"));
        if self.lock().remove(&path).is_some() { durable::remove(&path) } else { Ok(()) }
    }

    fn change_visibility(&self, handle: &str, visibility: Duration) {
        if let Some(slot) = self.lock().get_mut(&self.folder.join(format!("{handle}.json"))) {
            slot.hidden_until = Some(Instant::now() + visibility);
            self.arrived.notify_waiters();
        }
    }

    fn purge(&self) -> io::Result<()> {
        let paths: Vec<PathBuf> = std::mem::take(&mut *self.lock()).into_keys().collect();
        paths.iter().try_for_each(|path| durable::remove(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Queues {
        Queues::open(folder, &[Queue { name: "dead".to_owned(), visibility_seconds: 30 }]).unwrap()
    }

    #[test]
    fn messages_survive_a_restart_until_they_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let queues = open(folder.path());
        queues.send("arn:aws:sqs:us-east-1:000000000000:dead", "one", Value::Null).unwrap();
        queues.send("http://127.0.0.1:1/000000000000/dead", "two", Value::Null).unwrap();
        assert!(queues.send("other", "x", Value::Null).is_err());
        let first = &open(folder.path()).queues["dead"].receive(1, Duration::ZERO)[0].handle.clone();
        queues.queues["dead"].delete(first).unwrap();
        let again = open(folder.path());
        let left = again.queues["dead"].receive(10, Duration::from_secs(30));
        assert_eq!(left.iter().map(|received| received.message.body.as_str()).collect::<Vec<_>>(), ["two"]);
        assert_eq!(again.depths()["dead"], (0, 1), "a received message is hidden, not gone");
        assert!(again.queues["dead"].receive(10, Duration::ZERO).is_empty());
    }
}
