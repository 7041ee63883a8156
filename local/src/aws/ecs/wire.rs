//! Requests and refusals of the ECS protocol.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::CONTENT_TYPE;
use crate::aws::reply;

/// Why an operation was refused, in the protocol's terms.
#[derive(Debug)]
pub struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    /// A refusal with one of the service's error codes.
    pub fn new(code: &'static str, message: &str) -> Self {
        Self { code, message: message.to_owned() }
    }

    /// A parameter breaks a rule.
    pub fn parameter(message: &str) -> Self {
        Self::new("InvalidParameterException", message)
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let status =
            if refusal.code == "ServerException" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
        reply::error(status, CONTENT_TYPE, refusal.code, &refusal.message)
    }
}

/// Input of RunTask. Members without a meaning here (tags, ECS Exec, platform version) are accepted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunTask {
    pub cluster: Option<String>,
    pub task_definition: String,
    pub count: Option<u32>,
    pub launch_type: Option<String>,
    pub capacity_provider_strategy: Vec<CapacityProvider>,
    pub network_configuration: Value,
    pub overrides: Value,
    pub started_by: Option<String>,
    pub group: Option<String>,
    pub client_token: Option<String>,
    pub platform_version: Option<String>,
}

/// Part of a capacity provider strategy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityProvider {
    pub capacity_provider: String,
}

/// The overrides that mean something here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Overrides {
    pub container_overrides: Vec<ContainerOverride>,
    pub cpu: Option<String>,
    pub memory: Option<String>,
}

/// What differs for one container.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerOverride {
    pub name: String,
    pub environment: Vec<Variable>,
    pub command: Option<Vec<String>>,
}

/// An environment variable.
#[derive(Debug, Clone, Deserialize)]
pub struct Variable {
    pub name: String,
    pub value: String,
}

/// Input of StopTask.
#[derive(Debug, Deserialize)]
pub struct StopTask {
    pub cluster: Option<String>,
    pub task: String,
    pub reason: Option<String>,
}

/// Input of DescribeTasks.
#[derive(Debug, Deserialize)]
pub struct DescribeTasks {
    pub cluster: Option<String>,
    pub tasks: Vec<String>,
}

/// Input of ListTasks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListTasks {
    pub cluster: Option<String>,
    pub family: Option<String>,
    pub started_by: Option<String>,
    pub desired_status: Option<String>,
    pub launch_type: Option<String>,
    pub max_results: Option<usize>,
    pub next_token: Option<String>,
}

/// Reads an input; a member of a wrong type is refused as AWS does.
pub fn read<T: serde::de::DeserializeOwned>(input: Value) -> Result<T, Refusal> {
    serde_json::from_value(input).map_err(|error| Refusal::new("SerializationException", &error.to_string()))
}
