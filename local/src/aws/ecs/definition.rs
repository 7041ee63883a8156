//! Task definitions from the template.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::wire::Variable;
use crate::aws::Error;

/// What a container gets between SIGTERM and SIGKILL when its definition does not say (ECS' own default).
const USUAL_STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// A task definition; the template's is revision 1 of its family.
#[derive(Debug, Clone)]
pub struct TaskDefinition {
    pub family: String,
    pub cpu: String,
    pub memory: String,
    /// Whether RunTask must bring a network configuration.
    pub awsvpc: bool,
    pub containers: Vec<Container>,
}

/// One container of a task.
#[derive(Debug, Clone)]
pub struct Container {
    pub name: String,
    pub image: String,
    pub cpu: String,
    pub memory: Option<String>,
    pub essential: bool,
    pub command: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub stop_timeout: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    family: String,
    #[serde(default, deserialize_with = "text")]
    cpu: Option<String>,
    #[serde(default, deserialize_with = "text")]
    memory: Option<String>,
    #[serde(default)]
    network_mode: Option<String>,
    container_definitions: Vec<ContainerProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContainerProperties {
    name: String,
    image: String,
    #[serde(default, deserialize_with = "text")]
    cpu: Option<String>,
    #[serde(default, deserialize_with = "text")]
    memory: Option<String>,
    #[serde(default)]
    essential: Option<bool>,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    environment: Vec<Named>,
    #[serde(default)]
    stop_timeout: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
    value: String,
}

/// Properties that change what a container does and that a plain process cannot have.
const UNSUPPORTED: [&str; 6] = ["Secrets", "EntryPoint", "EnvironmentFiles", "DependsOn", "MountPoints", "VolumesFrom"];

impl TaskDefinition {
    /// Reads the CloudFormation `Properties` of an `AWS::ECS::TaskDefinition`.
    pub fn read(properties: &Value) -> Result<Self, Error> {
        let family = properties["Family"].as_str().unwrap_or("AWS::ECS::TaskDefinition").to_owned();
        let template = |reason: String| Error::Template { resource: format!("task definition {family}"), reason };
        for container in properties["ContainerDefinitions"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let is_set = |name: &str| match &container[name] {
                Value::Null => false,
                Value::Array(list) => !list.is_empty(),
                _ => true,
            };
            if let Some(name) = UNSUPPORTED.into_iter().find(|name| is_set(name)) {
                return Err(template(format!("{name} of a container is not supported on a laptop; remove it")));
            }
        }
        let read: Properties =
            serde_json::from_value(properties.clone()).map_err(|error| template(error.to_string()))?;
        let containers = read.container_definitions.into_iter().map(Container::from).collect();
        Ok(Self {
            family: read.family,
            cpu: read.cpu.unwrap_or_else(|| "256".to_owned()),
            memory: read.memory.unwrap_or_else(|| "512".to_owned()),
            awsvpc: read.network_mode.as_deref() == Some("awsvpc"),
            containers,
        })
    }
}

impl From<ContainerProperties> for Container {
    fn from(read: ContainerProperties) -> Self {
        Self {
            name: read.name,
            image: read.image,
            cpu: read.cpu.unwrap_or_else(|| "0".to_owned()),
            memory: read.memory,
            essential: read.essential.unwrap_or(true),
            command: read.command,
            environment: read.environment.into_iter().map(|pair| (pair.name, pair.value)).collect(),
            stop_timeout: read.stop_timeout.map_or(USUAL_STOP_TIMEOUT, Duration::from_secs),
        }
    }
}

impl From<&Variable> for (String, String) {
    fn from(variable: &Variable) -> Self {
        (variable.name.clone(), variable.value.clone())
    }
}

/// Numbers may be written as numbers or strings in a template.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}
