//! Batches lines into numbered chunks, one in flight.

use std::fmt::Display;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use domain::log::LogLine;
use domain::upload::{LogChunk, MOST_LINES};

use super::cap::Cap;

/// A line is on its way to the reader within this time.
const SOONEST: Duration = Duration::from_millis(250);
/// Most text of a chunk; a chunk is one database item of at most 400 kB, and JSON escapes make text longer.
const MOST_CHUNK_BYTES: usize = 60 * 1024;

pub(super) fn send<E: Display>(queue: &Receiver<LogLine>, store: impl FnMut(LogChunk) -> Result<(), E>) {
    let mut cap = Cap::default();
    let mut chunks = Chunks { store, next: 0, stopped: false };
    while let Ok(first) = queue.recv() {
        let until = Instant::now() + SOONEST;
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut received = Ok(first);
        while let Ok(line) = received {
            if let Some(line) = cap.admit(line) {
                bytes += line.text.len();
                batch.push(line);
            }
            if batch.len() >= MOST_LINES || bytes >= MOST_CHUNK_BYTES {
                break;
            }
            received = queue.recv_timeout(until.saturating_duration_since(Instant::now()));
        }
        chunks.store(batch);
    }
    let mut rest = cap.rest().into_iter().peekable();
    while rest.peek().is_some() {
        let mut bytes = 0;
        let mut batch = Vec::new();
        while batch.len() < MOST_LINES && bytes < MOST_CHUNK_BYTES {
            let Some(line) = rest.next() else { break };
            bytes += line.text.len();
            batch.push(line);
        }
        chunks.store(batch);
    }
}

struct Chunks<S> {
    store: S,
    next: u32,
    stopped: bool,
}

impl<S, E: Display> Chunks<S>
where
    S: FnMut(LogChunk) -> Result<(), E>,
{
    fn store(&mut self, lines: Vec<LogLine>) {
        if self.stopped || lines.is_empty() {
            return;
        }
        match (self.store)(LogChunk { number: self.next, lines }) {
            Ok(()) => self.next += 1,
            // Numbers have no gaps: after a chunk that was refused for good, no later one can be stored.
            Err(error) => {
                eprintln!("the log ends here: {error}");
                self.stopped = true;
            }
        }
    }
}
