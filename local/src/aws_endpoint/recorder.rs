//! Every AWS call: who, what, on what, how many bytes. This is how rights, request budgets and cost are shown.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::dispatch::Call;
use crate::clock;

/// Calls kept in memory.
const KEPT: usize = 100_000;

/// The ring of recorded calls and, with `--record`, the file they are appended to.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Mutex<Ring>>,
}

#[derive(Default)]
struct Ring {
    calls: VecDeque<(u64, Value)>,
    next: u64,
    file: Option<File>,
}

impl Recorder {
    /// An empty ring; `file` is appended to if given.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(file: Option<&Path>) -> io::Result<Self> {
        let file = file.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        Ok(Self { shared: Arc::new(Mutex::new(Ring { next: 1, file, ..Ring::default() })) })
    }

    /// Records a call and its answer. An answer of unknown length is recorded when it ends.
    pub fn record(&self, call: Call, response: Response) -> Response {
        use axum::body::HttpBody;
        let status = response.status().as_u16();
        let length = response.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
        if let Some(bytes) = response.body().size_hint().exact().or(length) {
            self.add(&call, status, bytes);
            return response;
        }
        let mut open = Open { recorder: self.clone(), call, status, bytes: 0 };
        response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                // By reference, so that the closure owns all of it and drops it when the body ends.
                let open = &mut open;
                open.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                frame
            }))
        })
    }

    fn add(&self, call: &Call, status: u16, response_bytes: u64) {
        let mut ring = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let number = ring.next;
        let line = json!({
            "number": number,
            "time": clock::timestamp(clock::now()),
            "function": call.function,
            "service": call.service.name(),
            "action": call.action,
            "resource": call.resource,
            "request_bytes": call.request_bytes,
            "response_bytes": response_bytes,
            "status": status,
        });
        if let Some(file) = &mut ring.file
            && let Err(error) = writeln!(file, "{line}")
        {
            tracing::error!(%error, "cannot record a call");
        }
        ring.next += 1;
        ring.calls.push_back((number, line));
        if ring.calls.len() > KEPT {
            ring.calls.pop_front();
        }
    }

    /// Calls with a number above `since`, and the number to ask with next time.
    pub fn since(&self, since: u64) -> (Vec<Value>, u64) {
        let ring = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = ring.calls.iter().filter(|(number, _)| *number > since).map(|(_, call)| call.clone());
        (calls.collect(), ring.next - 1)
    }

    /// Forgets the ring; the file stays.
    pub fn clear(&self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).calls.clear();
    }
}

/// An answer that is still being sent.
struct Open {
    recorder: Recorder,
    call: Call,
    status: u16,
    bytes: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.recorder.add(&self.call, self.status, self.bytes);
    }
}
