//! Threads that each hold one engine and take events from one queue.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;
use tokio::sync::oneshot;

use super::Error;
use super::runtime::Runtime;
use crate::aws::keyvalue::KeyValueStores;

/// One engine answers some ten thousand events a second; a second one keeps a slow call from blocking all others.
const THREADS: usize = 2;

type Answer = oneshot::Sender<Result<Value, Error>>;

struct Job {
    event: String,
    answer: Answer,
}

/// The queue to the threads, which end when its last clone is gone.
#[derive(Clone)]
pub struct Threads {
    jobs: Sender<Job>,
}

impl Threads {
    /// Loads the function once per thread.
    pub fn start(source: &str, store: &KeyValueStores, arn: Option<&str>) -> Result<Self, Error> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..THREADS {
            let (loaded, loading) = mpsc::channel();
            let (source, store, arn, queue) = (source.to_owned(), store.clone(), arn.map(str::to_owned), queue.clone());
            thread::Builder::new()
                .name("edge-function".to_owned())
                .spawn(move || {
                    let load = || Runtime::load(&source, &store, arn.as_deref());
                    match load() {
                        Ok(runtime) => {
                            let _ = loaded.send(Ok(()));
                            work(runtime, load, &queue);
                        }
                        Err(error) => {
                            let _ = loaded.send(Err(error));
                        }
                    }
                })
                .map_err(|error| Error::Source(format!("no thread for it: {error}")))?;
            loading.recv().map_err(|_| Error::Source("its thread ended".to_owned()))??;
        }
        Ok(Self { jobs })
    }

    /// Puts an event into the queue; `answer` gets the outcome.
    pub fn run(&self, event: String, answer: Answer) {
        // Without a thread the answer's channel closes, which its reader reports.
        let _ = self.jobs.send(Job { event, answer });
    }
}

fn work(mut runtime: Runtime, load: impl Fn() -> Result<Runtime, Error>, queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { event, answer }) = job else { return };
        let outcome = runtime.call(&event);
        // Whatever a failed call left behind must not meet the next one.
        let spoiled = outcome.is_err();
        let _ = answer.send(outcome);
        if spoiled {
            match load() {
                Ok(fresh) => runtime = fresh,
                Err(error) => tracing::error!(%error, "the edge function could not be loaded again"),
            }
        }
    }
}
