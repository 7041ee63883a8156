//! StopTask, DescribeTasks and ListTasks.

use std::sync::Arc;

use serde_json::{Value, json};

use super::definition::TaskDefinition;
use super::record::{Record, Status};
use super::wire::{self, Refusal};
use super::{Place, Settings};
use crate::aws::clock;

/// Asks a task to stop. Stopping a stopped task changes nothing.
pub fn stop_task(place: &Arc<Place>, input: Value) -> Result<Value, Refusal> {
    let input: wire::StopTask = wire::read(input)?;
    let cluster = cluster(&place.settings, input.cluster.as_deref())?;
    let id = task_id(&input.task).to_owned();
    let mut state = place.ledger.lock();
    let found = state.describable().find(|record| record.id == id && record.cluster == cluster);
    let found = found.ok_or_else(|| Refusal::parameter("The referenced task was not found."))?.clone();
    if found.desired == Status::Stopped {
        return Ok(json!({ "task": found.described() }));
    }
    let reason = input.reason.unwrap_or_else(|| "Task stopped by user".to_owned());
    let changed = place.ledger.change_locked(&mut state, &id, |record| {
        record.desired = Status::Stopped;
        record.stop_code = Some("UserInitiated".to_owned());
        record.stopped_reason = Some(reason);
        record.times.stopping = Some(clock::now());
    });
    state.stop(&id);
    Ok(json!({ "task": changed.unwrap_or(found).described() }))
}

/// Describes tasks; unknown ones are failures, not errors.
pub fn describe_tasks(place: &Arc<Place>, input: Value) -> Result<Value, Refusal> {
    let input: wire::DescribeTasks = wire::read(input)?;
    let cluster = cluster(&place.settings, input.cluster.as_deref())?;
    if input.tasks.is_empty() || input.tasks.len() > 100 {
        return Err(Refusal::parameter("Tasks cannot be empty and are at most 100."));
    }
    let state = place.ledger.lock();
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for name in &input.tasks {
        let id = task_id(name);
        match state.describable().find(|record| record.id == id && record.cluster == cluster) {
            Some(record) => tasks.push(record.described()),
            None => {
                let (region, account) = (&place.settings.region, &place.settings.account);
                let arn = format!("arn:aws:ecs:{region}:{account}:task/{cluster}/{id}");
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "tasks": tasks, "failures": failures }))
}

/// Lists the ARNs of tasks, oldest first.
pub fn list_tasks(place: &Arc<Place>, input: Value) -> Result<Value, Refusal> {
    let input: wire::ListTasks = wire::read(input)?;
    let cluster = cluster(&place.settings, input.cluster.as_deref())?;
    let desired = input.desired_status.as_deref().unwrap_or("RUNNING");
    let limit = input.max_results.unwrap_or(100);
    if !(1..=100).contains(&limit) {
        return Err(Refusal::parameter("maxResults is 1 to 100"));
    }
    let after = match input.next_token.as_deref().map(str::parse::<u64>) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => return Err(Refusal::parameter("Invalid token")),
    };
    let state = place.ledger.lock();
    let is_asked = |record: &&Record| {
        record.cluster == cluster
            && record.desired.as_str() == desired
            && input.family.as_ref().is_none_or(|family| *family == record.family)
            && input.started_by.as_ref().is_none_or(|by| Some(by) == record.started_by.as_ref())
            && input.launch_type.as_ref().is_none_or(|launch_type| *launch_type == record.launch_type)
            && record.order > after
    };
    let found: Vec<_> = state.describable().filter(is_asked).take(limit + 1).collect();
    let page = &found[..found.len().min(limit)];
    let mut answer = json!({ "taskArns": page.iter().map(|record| &record.arn).collect::<Vec<_>>() });
    if let (true, Some(last)) = (found.len() > limit, page.last()) {
        answer["nextToken"] = json!(last.order.to_string());
    }
    Ok(answer)
}

/// The short name of a cluster given by name or ARN; without one it is `default`, as on AWS.
pub fn cluster(settings: &Settings, given: Option<&str>) -> Result<String, Refusal> {
    let name = given.unwrap_or("default");
    let name = name.rsplit_once("cluster/").map_or(name, |(_, name)| name);
    if settings.clusters.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(Refusal::new("ClusterNotFoundException", "Cluster not found."))
}

/// The definition given as family, `family:revision` or ARN.
pub fn definition<'place>(place: &'place Place, given: &str) -> Result<&'place TaskDefinition, Refusal> {
    let name = given.rsplit_once("task-definition/").map_or(given, |(_, name)| name);
    let (family, revision) = name.split_once(':').unwrap_or((name, "1"));
    let found = place.definitions.iter().find(|definition| definition.family == family && revision == "1");
    found.ok_or_else(|| Refusal::new("ClientException", "TaskDefinition not found."))
}

fn task_id(given: &str) -> &str {
    given.rsplit('/').next().unwrap_or(given)
}
