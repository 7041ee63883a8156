//! All tasks, on disk before anywhere else.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::record::Record;
use crate::aws::{Error, clock, durable};

/// How long a stopped task can be described, as on AWS.
const DESCRIBABLE: Duration = Duration::HOUR;
/// How long a client token is remembered, as on AWS.
const REMEMBERED: Duration = Duration::DAY;

/// The tasks of all clusters, with their event stream.
pub struct Ledger {
    dir: PathBuf,
    events: UnboundedSender<Value>,
    state: Mutex<State>,
}

/// What the lock guards.
#[derive(Default)]
pub struct State {
    tasks: BTreeMap<u64, Record>,
    /// Tells a task's life that it shall stop; present while one runs.
    stops: BTreeMap<String, watch::Sender<bool>>,
    /// No further task starts.
    pub closed: bool,
}

impl Ledger {
    /// Reads the records in `dir`, dropping those nobody can ask for any more.
    pub fn open(dir: &Path, events: UnboundedSender<Value>) -> Result<Self, Error> {
        durable::sweep(dir).map_err(Error::file("tidy", dir))?;
        let mut state = State::default();
        for entry in fs::read_dir(dir).map_err(Error::file("list", dir))? {
            let path = entry.map_err(Error::file("list", dir))?.path();
            let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
            let record: Record = serde_json::from_slice(&bytes)
                .map_err(|error| Error::Unreadable { path: path.clone(), reason: error.to_string() })?;
            if is_older(&record, REMEMBERED) {
                fs::remove_file(&path).map_err(Error::file("remove", &path))?;
            } else {
                state.tasks.insert(record.order, record);
            }
        }
        Ok(Self { dir: dir.to_owned(), events, state: Mutex::new(state) })
    }

    /// All tasks, for reading and deciding; hold it no longer than needed.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is on disk before it is in memory, so a panic leaves no half change behind.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a new task: durable, then visible, then told.
    pub fn add(&self, state: &mut State, record: Record, stop: watch::Sender<bool>) -> io::Result<()> {
        self.write(&record)?;
        self.forget_old(state);
        self.tell(&record);
        state.stops.insert(record.id.clone(), stop);
        state.tasks.insert(record.order, record);
        Ok(())
    }

    /// Changes a task: durable, then visible, then told. Gives the record as it is now.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Record)) -> Option<Record> {
        let mut state = self.lock();
        self.change_locked(&mut state, id, change)
    }

    /// [`change`](Self::change) for whoever holds the lock.
    pub fn change_locked(&self, state: &mut State, id: &str, change: impl FnOnce(&mut Record)) -> Option<Record> {
        let mut record = state.find(id)?.clone();
        change(&mut record);
        record.version += 1;
        record.times.updated = clock::now();
        if let Err(error) = self.write(&record) {
            // The task goes on: after a restart it is found by its processes whatever its record says.
            tracing::error!(%error, task = id, "a task record could not be written");
        }
        self.tell(&record);
        if record.is_over() {
            state.stops.remove(id);
        }
        state.tasks.insert(record.order, record.clone());
        Some(record)
    }

    /// Notes something about a task that is no change of state, so it is not told.
    pub fn note(&self, id: &str, note: impl FnOnce(&mut Record)) {
        let mut state = self.lock();
        let Some(mut record) = state.find(id).cloned() else { return };
        note(&mut record);
        if let Err(error) = self.write(&record) {
            tracing::error!(%error, task = id, "a task record could not be written");
        }
        state.tasks.insert(record.order, record);
    }

    /// Sends the event of a task's present state. Whoever listens may be gone at the end of a run.
    pub fn tell(&self, record: &Record) {
        let _ = self.events.send(record.event());
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        durable::replace(&self.dir.join(format!("{}.json", record.id)), &serde_json::to_vec(record)?)
    }

    fn forget_old(&self, state: &mut State) {
        let old: Vec<_> = state.tasks.values().filter(|record| is_older(record, REMEMBERED)).cloned().collect();
        for record in old {
            state.tasks.remove(&record.order);
            let _ = fs::remove_file(self.dir.join(format!("{}.json", record.id)));
        }
    }
}

impl State {
    /// The task with this id, also when it is too old to be described.
    pub fn find(&self, id: &str) -> Option<&Record> {
        self.tasks.values().find(|record| record.id == id)
    }

    /// The task that RunTask made for this client token.
    pub fn by_token(&self, cluster: &str, token: &str) -> Option<&Record> {
        self.tasks.values().find(|record| record.cluster == cluster && record.client_token.as_deref() == Some(token))
    }

    /// Tasks that can be described, oldest first.
    pub fn describable(&self) -> impl Iterator<Item = &Record> {
        self.tasks.values().filter(|record| !is_older(record, DESCRIBABLE))
    }

    /// The position of the next task.
    pub fn next_order(&self) -> u64 {
        self.tasks.keys().next_back().map_or(1, |last| last + 1)
    }

    /// Tells the life of a task that it shall stop.
    pub fn stop(&self, id: &str) {
        if let Some(stop) = self.stops.get(id) {
            stop.send_replace(true);
        }
    }
}

fn is_older(record: &Record, age: Duration) -> bool {
    record.times.stopped.is_some_and(|stopped| clock::now() - stopped > age)
}
