//! ECS clusters and task definitions.

use serde_json::Value;

use super::properties::Properties;
use super::{Node, Problem};

const CLUSTER: &[&str] = &[
    "ClusterName",
    // Accepted, without effect on one machine:
    "CapacityProviders",
    "ClusterSettings",
    "Configuration",
    "DefaultCapacityProviderStrategy",
    "Tags",
];

const TASK_DEFINITION: &[&str] = &[
    "Family",
    "ContainerDefinitions",
    "Cpu",
    "Memory",
    // Accepted, without effect on one machine:
    "NetworkMode",
    "RequiresCompatibilities",
    "ExecutionRoleArn",
    "TaskRoleArn",
    "RuntimePlatform",
    "EphemeralStorage",
    "Tags",
];

/// Checks a cluster's properties.
///
/// # Errors
/// Properties that are not supported.
pub fn cluster(node: &Node) -> Result<(), Problem> {
    Properties::new(node, "AWS::ECS::Cluster", CLUSTER).map(|_| ())
}

/// A task definition's properties in CloudFormation's shape, with its family.
///
/// # Errors
/// Properties that are not supported.
pub fn task_definition(family: String, node: &Node) -> Result<Value, Problem> {
    Properties::new(node, "AWS::ECS::TaskDefinition", TASK_DEFINITION)?.required("ContainerDefinitions")?;
    let mut properties = node.to_json()?;
    properties["Family"] = Value::String(family);
    Ok(properties)
}
