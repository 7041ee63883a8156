//! Deployments that are not over: started if they were not, moved by what ECS says, failed when their time is over.

use std::collections::HashMap;
use std::time::Duration;

use domain::deployment::{Exit, TaskEvent};
use domain::{Deployment, Error, Signal, Timestamp, secret};
use store::Applied;
use web::random;

use crate::{State, Swept};

/// How long whoever made the last change is left alone: it is probably still at work.
const GRACE: Duration = Duration::from_secs(10);
/// How long a task may be unknown to ECS before it counts as lost.
const FORGOTTEN: Duration = Duration::from_secs(5 * 60);
/// Most tasks of one DescribeTasks call, and deployments of one page.
const PAGE: usize = 100;

pub(crate) async fn sweep(state: &State, swept: &mut Swept) -> Result<(), Error> {
    let mut after = None;
    loop {
        let page = state.deployments.active(after).await?;
        page_of(state, &page, swept).await?;
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.id),
            _ => return Ok(()),
        }
    }
}

async fn page_of(state: &State, page: &[Deployment], swept: &mut Swept) -> Result<(), Error> {
    let now = (state.clock)();
    let old: Vec<&Deployment> = page.iter().filter(|found| now.since(found.updated_at) >= GRACE).collect();
    let arns: Vec<String> = old.iter().filter_map(|found| found.task.as_ref().map(|task| task.arn.clone())).collect();
    // Without ECS's answer there are still deadlines to be kept.
    let reports = match state.builds.describe(&arns).await {
        Ok(reports) => Some(reports.into_iter().map(|task| (task.arn, task.signal)).collect::<HashMap<_, _>>()),
        Err(error) => {
            tracing::warn!(%error, "the tasks could not be described");
            None
        }
    };
    for deployment in old {
        // One deployment that cannot be helped must not keep the others waiting.
        if let Err(error) = one(state, deployment, reports.as_ref(), now, swept).await {
            tracing::warn!(deployment = %deployment.id, %error, "a deployment could not be swept");
        }
    }
    Ok(())
}

async fn one(
    state: &State,
    deployment: &Deployment,
    reports: Option<&HashMap<String, Option<Signal>>>,
    now: Timestamp,
    swept: &mut Swept,
) -> Result<(), Error> {
    if deployment.deadline.is_some_and(|deadline| deadline <= now) {
        // Its task is then one of a deployment that is over, and is stopped as such.
        return apply(state, deployment, Signal::TimedOut, swept).await;
    }
    match &deployment.task {
        None if deployment.ticket.is_some() => start(state, deployment, swept).await,
        None => Ok(()),
        Some(task) => match reports.map(|reports| reports.get(&task.arn)) {
            Some(Some(Some(signal))) => apply(state, deployment, signal.clone(), swept).await,
            None | Some(Some(None)) => Ok(()),
            // ECS may not show a task that it has just accepted.
            Some(None) if now.since(deployment.updated_at) < FORGOTTEN => Ok(()),
            // ECS forgets a stopped task after about an hour: whatever it did, it will not do more.
            Some(None) => {
                let event =
                    TaskEvent { task: task.arn.clone(), attempt: deployment.attempt, version: task.version + 1 };
                let exit = Exit::Lost { detail: "ECS no longer knows the task".into() };
                apply(state, deployment, Signal::TaskStopped(event, exit), swept).await
            }
        },
    }
}

async fn apply(state: &State, deployment: &Deployment, signal: Signal, swept: &mut Swept) -> Result<(), Error> {
    let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
    let now = (state.clock)();
    let applied = state.deployments.apply(deployment.project, deployment.id, signal, &ticket, now).await?;
    let Applied::Moved { deployment, next, .. } = applied else { return Ok(()) };
    swept.moved += 1;
    let again = Some(deployment.clone()).filter(|moved| moved.ticket.is_some() && moved.task.is_none());
    if let Some(next) = next.or(again) {
        start(state, &next, swept).await?;
    }
    state.bus.send(&[bus::Event::status_of(&deployment)]).await
}

/// The very call that was made before, or should have been: `clientToken` makes ECS start one task only.
async fn start(state: &State, deployment: &Deployment, swept: &mut Swept) -> Result<(), Error> {
    let task = state.builds.start(deployment).await?;
    state.deployments.dispatched(deployment, &task, (state.clock)()).await?;
    swept.started += 1;
    Ok(())
}
