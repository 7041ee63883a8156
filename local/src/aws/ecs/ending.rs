//! The ends of tasks that no life of theirs reaches: at a shutdown, and after a crash.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Place;
use super::census::{Census, TASK_VARIABLE};
use super::process;
use super::record::{Record, Status};
use crate::aws::{Error, clock};

/// How long a shutdown waits for tasks beyond their own grace.
const PATIENCE: Duration = Duration::from_secs(15);
/// What containers get between SIGTERM and SIGKILL when the platform ends: nobody waits half a minute for Ctrl-C.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Ends what a previous run of the platform left behind, and tells of tasks whose last event may have been lost.
pub fn recover(place: &Arc<Place>) -> Result<(), Error> {
    let records: Vec<_> = place.ledger.lock().describable().cloned().collect();
    for record in records {
        if record.is_over() {
            // The run may have ended between record and event. ECS repeats events too: version tells.
            place.ledger.tell(&record);
            continue;
        }
        let place = place.clone();
        place.ledger.note(&record.id, |record| record.desired = Status::Stopped);
        tokio::spawn(async move { bury(&place, &record).await });
    }
    let work = place.settings.dir.join("work");
    for entry in std::fs::read_dir(&work).map_err(Error::file("list", &work))? {
        let path = entry.map_err(Error::file("list", &work))?.path();
        // A process that still lives there is about to be killed; what it writes until then is removed with its task.
        let _ = std::fs::remove_dir_all(path);
    }
    Ok(())
}

async fn bury(place: &Place, record: &Record) {
    for container in &record.containers {
        // Only the very process that was recorded counts as the first one, so no group of another is touched.
        let alive = container
            .process
            .filter(|identity| process::read(identity.pid).is_some_and(|found| found.identity == *identity));
        Census::new(format!("{TASK_VARIABLE}={}", record.id), alive).kill().await;
    }
    let _ = tokio::fs::remove_dir_all(place.settings.dir.join("work").join(&record.id)).await;
    let ran = record.times.started.is_some();
    place.ledger.change(&record.id, |record| {
        record.status = Status::Stopped;
        record.desired = Status::Stopped;
        let code = if ran { "EssentialContainerExited" } else { "TaskFailedToStart" };
        record.stop_code.get_or_insert_with(|| code.to_owned());
        let reason = "Host EC2 (instance i-0000000000local) terminated.";
        record.stopped_reason.get_or_insert_with(|| reason.to_owned());
        let now = clock::now();
        record.times.stopping.get_or_insert(now);
        record.times.execution_stopped = Some(now);
        record.times.stopped = Some(now);
        for container in &mut record.containers {
            container.status = Status::Stopped;
        }
    });
}

/// Ends all tasks and waits until they are over.
pub async fn shutdown(place: &Arc<Place>) {
    let left: Vec<Record> = {
        let mut state = place.ledger.lock();
        state.closed = true;
        let left: Vec<_> = state.describable().filter(|record| !record.is_over()).cloned().collect();
        for record in &left {
            if record.desired != Status::Stopped {
                place.ledger.change_locked(&mut state, &record.id, |record| {
                    record.desired = Status::Stopped;
                    record.stop_code = Some("TerminationNotice".to_owned());
                    record.stopped_reason = Some("Host EC2 (instance i-0000000000local) terminated.".to_owned());
                    record.times.stopping = Some(clock::now());
                });
            }
            state.stop(&record.id);
        }
        left
    };
    let begun = Instant::now();
    let mut hurried = false;
    loop {
        let is_left = |id: &str| place.ledger.lock().find(id).is_some_and(|record| !record.is_over());
        if !left.iter().any(|record| is_left(&record.id)) || begun.elapsed() > PATIENCE {
            return;
        }
        if !hurried && begun.elapsed() > SHUTDOWN_GRACE {
            hurried = true;
            for record in left.iter().filter(|record| is_left(&record.id)) {
                Census::new(format!("{TASK_VARIABLE}={}", record.id), None).kill().await;
            }
        }
        sleep(Duration::from_millis(20)).await;
    }
}
