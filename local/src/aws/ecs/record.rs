//! What is known of a task, and its two renderings: epoch seconds in the API, ISO times in events.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::process::Identity;
use crate::aws::clock;

/// A task from RunTask to an hour after its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    pub id: String,
    pub arn: String,
    pub cluster: String,
    pub region: String,
    pub account: String,
    pub family: String,
    pub definition: String,
    /// Rises by one at every change; events of one task are ordered by it.
    pub version: u64,
    pub status: Status,
    pub desired: Status,
    pub cpu: String,
    pub memory: String,
    pub launch_type: String,
    pub capacity_provider: Option<String>,
    pub platform_version: Option<String>,
    pub group: String,
    pub started_by: Option<String>,
    pub client_token: Option<String>,
    /// Hash of what RunTask asked for, to tell a repetition from another call with the same token.
    pub fingerprint: String,
    /// As given to RunTask; echoed in events.
    pub overrides: Value,
    pub containers: Vec<ContainerRecord>,
    pub stop_code: Option<String>,
    pub stopped_reason: Option<String>,
    pub times: Times,
    /// Position among all tasks, so that lists are stable.
    pub order: u64,
}

/// A container of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContainerRecord {
    pub arn: String,
    pub name: String,
    pub image: String,
    pub runtime_id: String,
    pub cpu: String,
    pub memory: Option<String>,
    pub status: Status,
    /// Only once it ran and ended.
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
    /// Its first process.
    pub process: Option<Identity>,
}

/// Where a task or container stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Provisioning,
    Pending,
    Running,
    Deprovisioning,
    Stopped,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// When things happened; absent until they do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Times {
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated: OffsetDateTime,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub pull_started: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub pull_stopped: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub started: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub stopping: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub execution_stopped: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub stopped: Option<OffsetDateTime>,
}

impl Record {
    /// Whether the task is over.
    pub fn is_over(&self) -> bool {
        self.status == Status::Stopped
    }

    fn partition(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account)
    }

    /// The cluster's ARN.
    pub fn cluster_arn(&self) -> String {
        self.partition("ecs", &format!("cluster/{}", self.cluster))
    }

    /// The task as the API describes it.
    pub fn described(&self) -> Value {
        let mut task = self.render(&|time| json!(time.unix_timestamp_nanos() as f64 / 1e9));
        task["enableExecuteCommand"] = json!(false);
        task["tags"] = json!([]);
        task
    }

    /// The event that tells the present state.
    pub fn event(&self) -> Value {
        json!({
            "version": "0",
            "id": uuid(),
            "detail-type": "ECS Task State Change",
            "source": "aws.ecs",
            "account": self.account,
            "time": iso(self.times.updated.replace_nanosecond(0).unwrap_or(self.times.updated)),
            "region": self.region,
            "resources": [self.arn],
            "detail": self.render(&|time| json!(iso(time))),
        })
    }

    fn render(&self, time: &dyn Fn(OffsetDateTime) -> Value) -> Value {
        let containers: Vec<_> = self.containers.iter().map(|container| self.container(container)).collect();
        let mut task = json!({
            "attachments": [],
            "attributes": [{ "name": "ecs.cpu-architecture", "value": std::env::consts::ARCH }],
            "availabilityZone": format!("{}a", self.region),
            "clusterArn": self.cluster_arn(),
            "containers": containers,
            "cpu": self.cpu,
            "memory": self.memory,
            "createdAt": time(self.times.created),
            "desiredStatus": self.desired.as_str(),
            "lastStatus": self.status.as_str(),
            "group": self.group,
            "launchType": self.launch_type,
            "overrides": self.overrides,
            "taskArn": self.arn,
            "taskDefinitionArn": self.definition,
            "updatedAt": time(self.times.updated),
            "version": self.version,
        });
        let optional = [
            ("startedBy", self.started_by.as_ref().map(|text| json!(text))),
            ("capacityProviderName", self.capacity_provider.as_ref().map(|text| json!(text))),
            ("platformVersion", self.platform_version.as_ref().map(|text| json!(text))),
            ("stopCode", self.stop_code.as_ref().map(|text| json!(text))),
            ("stoppedReason", self.stopped_reason.as_ref().map(|text| json!(text))),
            ("connectivity", self.times.pull_started.map(|_| json!("CONNECTED"))),
            ("connectivityAt", self.times.pull_started.map(time)),
            ("pullStartedAt", self.times.pull_started.map(time)),
            ("pullStoppedAt", self.times.pull_stopped.map(time)),
            ("startedAt", self.times.started.map(time)),
            ("stoppingAt", self.times.stopping.map(time)),
            ("executionStoppedAt", self.times.execution_stopped.map(time)),
            ("stoppedAt", self.times.stopped.map(time)),
        ];
        add(&mut task, optional);
        task
    }

    fn container(&self, container: &ContainerRecord) -> Value {
        let mut rendered = json!({
            "containerArn": container.arn,
            "taskArn": self.arn,
            "name": container.name,
            "image": container.image,
            "runtimeId": container.runtime_id,
            "lastStatus": container.status.as_str(),
            "networkInterfaces": [],
            "cpu": container.cpu,
        });
        let optional = [
            ("memory", container.memory.as_ref().map(|text| json!(text))),
            ("exitCode", container.exit_code.map(|code| json!(code))),
            ("reason", container.reason.as_ref().map(|text| json!(text))),
        ];
        add(&mut rendered, optional);
        rendered
    }
}

fn add<const COUNT: usize>(object: &mut Value, members: [(&str, Option<Value>); COUNT]) {
    let object: Option<&mut Map<_, _>> = object.as_object_mut();
    if let Some(object) = object {
        object.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
}

/// Milliseconds and `Z`, as in events.
fn iso(time: OffsetDateTime) -> String {
    let millis = time.nanosecond() / 1_000_000 * 1_000_000;
    time.replace_nanosecond(millis).unwrap_or(time).format(&Rfc3339).unwrap_or_default()
}

/// A random UUID.
fn uuid() -> String {
    let mut bytes = clock::random::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
