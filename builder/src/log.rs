//! The build's log: lines from the jail and from Slipway itself, sent to the API in numbered chunks.
//!
//! Memory is bounded at every step: a full queue makes the reader wait, so the pipe fills, so the command waits.

mod cap;
mod lines;
mod mask;
mod sender;

pub use lines::{Tail, read_lines};
pub use mask::Mask;

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use domain::Timestamp;
use domain::deployment::Failure;
use domain::log::{LogLine, Stage, Stream};

/// Lines under way between the readers and the sender.
const QUEUE: usize = 1_000;

/// Where lines go. Clones write to the same log.
#[derive(Clone)]
pub struct Log {
    lines: SyncSender<LogLine>,
    mask: Mask,
    now: fn() -> Timestamp,
}

/// The thread that sends; [`Sending::finish`] waits until everything is stored.
pub struct Sending(JoinHandle<()>);

impl Log {
    /// Starts a log whose chunks are given to `store`. When that fails, the log ends and the build goes on.
    pub fn start<E: std::fmt::Display>(
        now: fn() -> Timestamp,
        mask: Mask,
        store: impl FnMut(domain::upload::LogChunk) -> Result<(), E> + Send + 'static,
    ) -> (Self, Sending) {
        let (lines, queue) = sync_channel(QUEUE);
        let thread = std::thread::spawn(move || sender::send(&queue, store));
        (Self { lines, mask, now }, Sending(thread))
    }

    /// What the log does not show.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Adds a line, in which nothing is hidden any more.
    pub fn line(&self, stage: Stage, stream: Stream, text: impl Into<String>) {
        let line = LogLine { at: (self.now)(), stage, stream, text: text.into() };
        // The sender ends only after the last `Log` is dropped.
        let _ = self.lines.send(line);
    }

    /// Adds a line of Slipway's own.
    pub fn say(&self, stage: Stage, text: impl Into<String>) {
        let mut text = text.into().into_bytes();
        self.mask.hide(&mut text);
        self.line(stage, Stream::Slipway, String::from_utf8_lossy(&text));
    }

    /// Runs one stage and says how long it took: `clone: 0.8 s`.
    pub fn stage<T>(&self, stage: Stage, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let begun = Instant::now();
        let result = work();
        let seconds = begun.elapsed().as_secs_f64();
        match &result {
            Ok(_) => self.say(stage, format!("{}: {seconds:.1} s", name(stage))),
            Err(failure) => {
                self.say(stage, format!("{}: failed after {seconds:.1} s: {}", name(stage), failure.message))
            }
        }
        result
    }
}

impl Sending {
    /// Waits until all lines are sent. Every [`Log`] has to be dropped before.
    pub fn finish(self) {
        // A panic in the sender has printed itself; the build's result stands without its log.
        let _ = self.0.join();
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Clone => "clone",
        Stage::Install => "install",
        Stage::Build => "build",
        Stage::Upload => "upload",
    }
}
