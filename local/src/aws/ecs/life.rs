//! A task from PROVISIONING to STOPPED.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;

use super::Place;
use super::census::{Census, TASK_VARIABLE};
use super::container::{self, End, Plan, Running};
use super::definition::{Container, TaskDefinition};
use super::record::{Record, Status};
use super::wire::Overrides;
use crate::aws::clock;

/// Runs one task to its end.
pub async fn live(
    place: Arc<Place>,
    id: String,
    definition: TaskDefinition,
    overrides: Overrides,
    stopped: watch::Receiver<bool>,
) {
    let ledger = &place.ledger;
    ledger.change(&id, |record| {
        record.status = Status::Pending;
        record.times.pull_started = Some(clock::now());
    });
    let outcome = if *stopped.borrow() {
        // Stopped before anything started: the stop's own code and reason stand.
        Outcome::default()
    } else {
        match start(&place, &id, &definition, &overrides) {
            Ok(running) => finish(&place, &id, &definition, running, stopped).await,
            Err(refused) => Outcome { refused: Some(refused), ..Outcome::default() },
        }
    };
    // Also what carries the task's mark only, and the rest of a task that could not start completely.
    Census::new(format!("{TASK_VARIABLE}={id}"), None).kill().await;
    let _ = tokio::fs::remove_dir_all(place.settings.dir.join("work").join(&id)).await;
    ledger.change(&id, |record| {
        record.status = Status::Deprovisioning;
        record.desired = Status::Stopped;
        record.times.stopping.get_or_insert_with(clock::now);
        record.times.execution_stopped = Some(clock::now());
        outcome.write(record);
    });
    ledger.change(&id, |record| {
        record.status = Status::Stopped;
        record.times.stopped = Some(clock::now());
    });
}

/// How a task ended.
#[derive(Default)]
struct Outcome {
    /// Why it never ran.
    refused: Option<String>,
    /// Per container, if it ran.
    ends: Vec<(String, End)>,
}

impl Outcome {
    fn write(self, record: &mut Record) {
        let (code, reason) = match &self.refused {
            Some(refused) => ("TaskFailedToStart", refused.as_str()),
            None => ("EssentialContainerExited", "Essential container in task exited"),
        };
        record.stop_code.get_or_insert_with(|| code.to_owned());
        record.stopped_reason.get_or_insert_with(|| reason.to_owned());
        for container in &mut record.containers {
            container.status = Status::Stopped;
            if let Some((_, end)) = self.ends.iter().find(|(name, _)| *name == container.name) {
                container.exit_code = Some(end.exit_code);
                container.reason.clone_from(&end.reason);
            } else if self.refused.is_some() {
                container.reason.clone_from(&self.refused);
            }
        }
    }
}

/// Starts all containers; dropping what started is enough when one cannot, its processes carry the task's mark.
fn start(
    place: &Place,
    id: &str,
    definition: &TaskDefinition,
    overrides: &Overrides,
) -> Result<Vec<(Container, Running)>, String> {
    let images = &place.settings.images;
    for container in &definition.containers {
        let image = &container.image;
        let missing = |why: &str| {
            format!(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {why}"
            )
        };
        let executable = images.get(image).ok_or_else(|| missing("not found: no executable stands for this image"))?;
        if !container::is_executable(executable) {
            return Err(missing(&format!("{} is not an executable file", executable.display())));
        }
    }
    place.ledger.note(id, |record| record.times.pull_stopped = Some(clock::now()));
    let mut running = Vec::new();
    for container in &definition.containers {
        let given = overrides.container_overrides.iter().find(|one| one.name == container.name);
        let mut environment = place.settings.pass_environment.clone();
        environment.extend(container.environment.iter().cloned());
        environment.extend(given.iter().flat_map(|given| &given.environment).map(Into::into));
        let plan = Plan {
            task: id.to_owned(),
            name: container.name.clone(),
            executable: images.get(&container.image).cloned().unwrap_or_default(),
            command: given.and_then(|given| given.command.clone()).unwrap_or_else(|| container.command.clone()),
            environment,
            work: place.settings.dir.join("work").join(id).join(&container.name),
            log: place.settings.dir.join("logs").join(format!("{id}.log")),
            stop_timeout: container.stop_timeout,
        };
        let started = plan
            .start()
            .map_err(|error| format!("CannotStartContainerError: {} could not be started: {error}", container.name))?;
        running.push((container.clone(), started));
    }
    Ok(running)
}

/// Waits for the containers: the end of an essential one ends the task.
async fn finish(
    place: &Place,
    id: &str,
    definition: &TaskDefinition,
    running: Vec<(Container, Running)>,
    mut stopped: watch::Receiver<bool>,
) -> Outcome {
    place.ledger.change(id, |record| {
        record.status = Status::Running;
        record.times.started = Some(clock::now());
        for container in &mut record.containers {
            container.status = Status::Running;
            let started = running.iter().find(|(one, _)| one.name == container.name);
            container.process = started.and_then(|(_, started)| started.identity);
        }
    });
    let (stop, stop_all) = watch::channel(false);
    let mut waiting: FuturesUnordered<_> = running
        .into_iter()
        .map(|(container, running)| {
            let stop = stop_all.clone();
            async move { (container, running.finish(stop).await) }
        })
        .collect();
    let mut ends = Vec::with_capacity(definition.containers.len());
    loop {
        tokio::select! {
            () = container::told(&mut stopped), if !*stop.borrow() => {
                stop.send_replace(true);
            }
            ended = waiting.next() => match ended {
                None => break,
                Some((container, end)) => {
                    if container.essential {
                        stop.send_replace(true);
                    }
                    ends.push((container.name, end));
                }
            }
        }
    }
    Outcome { refused: None, ends }
}
