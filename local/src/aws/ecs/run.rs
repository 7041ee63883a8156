//! RunTask.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::definition::{Container, TaskDefinition};
use super::operations::{cluster, definition};
use super::record::{ContainerRecord, Record, Status, Times};
use super::wire::{self, Overrides, Refusal, RunTask};
use super::{Place, Settings, life};
use crate::aws::clock;

/// ECS takes at most this many characters of container overrides.
const LONGEST_OVERRIDES: usize = 8192;

/// Starts one task, or gives the one that the same client token started before.
pub fn run_task(place: &Arc<Place>, input: Value) -> Result<Value, Refusal> {
    let mut fingerprint = input.clone();
    fingerprint.as_object_mut().map(|members| members.remove("clientToken"));
    let fingerprint = hex::encode(Sha256::digest(fingerprint.to_string()));
    let input: RunTask = wire::read(input)?;
    let cluster = cluster(&place.settings, input.cluster.as_deref())?;
    let definition = definition(place, &input.task_definition)?.clone();
    let overrides = check(&input, &definition)?;

    let mut state = place.ledger.lock();
    if let Some(token) = &input.client_token
        && let Some(found) = state.by_token(&cluster, token)
    {
        if found.fingerprint != fingerprint {
            return Err(Refusal::new("ConflictException", "the client token was used before with other parameters"));
        }
        return Ok(json!({ "tasks": [found.described()], "failures": [] }));
    }
    if state.closed {
        return Err(Refusal::new("ServerException", "the platform is shutting down"));
    }
    let record = record(&place.settings, cluster, &definition, &input, &overrides, fingerprint, state.next_order());
    let described = record.described();
    let (stop, stopped) = watch::channel(false);
    let id = record.id.clone();
    place
        .ledger
        .add(&mut state, record, stop)
        .map_err(|error| Refusal::new("ServerException", &format!("the task could not be recorded: {error}")))?;
    drop(state);
    tokio::spawn(life::live(place.clone(), id, definition, overrides, stopped));
    Ok(json!({ "tasks": [described], "failures": [] }))
}

fn check(input: &RunTask, definition: &TaskDefinition) -> Result<Overrides, Refusal> {
    if input.count.is_some_and(|count| count != 1) {
        return Err(Refusal::parameter("count can only be 1 here"));
    }
    if input.launch_type.is_some() && !input.capacity_provider_strategy.is_empty() {
        return Err(Refusal::parameter(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        ));
    }
    if definition.awsvpc && input.network_configuration["awsvpcConfiguration"]["subnets"].as_array().is_none() {
        return Err(Refusal::parameter(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ));
    }
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '/' | '_');
    if input.started_by.as_deref().is_some_and(|text| text.len() > 128 || !text.chars().all(allowed)) {
        return Err(Refusal::parameter(
            "startedBy has at most 128 letters (uppercase and lowercase), numbers, hyphens, forward slashes and \
             underscores",
        ));
    }
    if input.client_token.as_deref().is_some_and(|text| text.len() > 64 || !text.chars().all(|c| c.is_ascii_graphic()))
    {
        return Err(Refusal::parameter("clientToken has at most 64 printable ASCII characters"));
    }
    if !input.overrides.is_null() && input.overrides.to_string().len() > LONGEST_OVERRIDES {
        return Err(Refusal::parameter("Container Overrides length must be at most 8192"));
    }
    let overrides = if input.overrides.is_null() { json!({}) } else { input.overrides.clone() };
    let overrides: Overrides = wire::read(overrides)?;
    for one in &overrides.container_overrides {
        if !definition.containers.iter().any(|container| container.name == one.name) {
            return Err(Refusal::parameter(&format!(
                "Override for container named {} is not a container in the TaskDefinition.",
                one.name
            )));
        }
    }
    Ok(overrides)
}

fn record(
    settings: &Settings,
    cluster: String,
    definition: &TaskDefinition,
    input: &RunTask,
    overrides: &Overrides,
    fingerprint: String,
    order: u64,
) -> Record {
    let (region, account) = (&settings.region, &settings.account);
    let id = clock::random_hex::<16>();
    let container = |container: &Container| ContainerRecord {
        arn: format!("arn:aws:ecs:{region}:{account}:container/{cluster}/{id}/{}", clock::random_hex::<16>()),
        name: container.name.clone(),
        image: container.image.clone(),
        runtime_id: format!("{id}-{}", clock::random_hex::<5>()),
        cpu: container.cpu.clone(),
        memory: container.memory.clone(),
        status: Status::Pending,
        exit_code: None,
        reason: None,
        process: None,
    };
    let mut echoed = input.overrides.clone();
    if echoed["containerOverrides"].is_null() {
        let names = definition.containers.iter().map(|container| json!({ "name": container.name }));
        echoed = json!({ "containerOverrides": names.collect::<Vec<_>>() });
    }
    let provider = input.capacity_provider_strategy.first().map(|one| one.capacity_provider.clone());
    let on_fargate = provider.as_deref().is_some_and(|name| name.starts_with("FARGATE"));
    let launch_type = if on_fargate { "FARGATE" } else { input.launch_type.as_deref().unwrap_or("EC2") };
    let now = clock::now();
    Record {
        arn: format!("arn:aws:ecs:{region}:{account}:task/{cluster}/{id}"),
        region: region.clone(),
        account: account.clone(),
        family: definition.family.clone(),
        definition: format!("arn:aws:ecs:{region}:{account}:task-definition/{}:1", definition.family),
        version: 1,
        status: Status::Provisioning,
        desired: Status::Running,
        cpu: overrides.cpu.clone().unwrap_or_else(|| definition.cpu.clone()),
        memory: overrides.memory.clone().unwrap_or_else(|| definition.memory.clone()),
        launch_type: launch_type.to_owned(),
        capacity_provider: provider,
        platform_version: (launch_type == "FARGATE").then(|| "1.4.0".to_owned()),
        group: input.group.clone().unwrap_or_else(|| format!("family:{}", definition.family)),
        started_by: input.started_by.clone(),
        client_token: input.client_token.clone(),
        fingerprint,
        overrides: echoed,
        containers: definition.containers.iter().map(container).collect(),
        stop_code: None,
        stopped_reason: None,
        times: Times {
            created: now,
            updated: now,
            pull_started: None,
            pull_stopped: None,
            started: None,
            stopping: None,
            execution_stopped: None,
            stopped: None,
        },
        order,
        cluster,
        id,
    }
}
