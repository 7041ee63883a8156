//! Tables, buckets and queues.

use serde_json::Value;

use super::properties::Properties;
use super::{Node, Problem};

const TABLE: &[&str] = &[
    "TableName",
    "KeySchema",
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "TimeToLiveSpecification",
    "ProvisionedThroughput",
    // Accepted, without effect on one machine:
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "DeletionProtectionEnabled",
    "Tags",
    "TableClass",
    "ContributorInsightsSpecification",
    "OnDemandThroughput",
    "WarmThroughput",
];

const BUCKET: &[&str] = &[
    "BucketName",
    // Accepted, without effect on one machine:
    "BucketEncryption",
    "PublicAccessBlockConfiguration",
    "OwnershipControls",
    "LifecycleConfiguration",
    "VersioningConfiguration",
    "CorsConfiguration",
    "Tags",
];

const QUEUE: &[&str] = &[
    "QueueName",
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    // Accepted, without effect on one machine:
    "SqsManagedSseEnabled",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "Tags",
    "ReceiveMessageWaitTimeSeconds",
];

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Name, the last part of its URL and ARN.
    pub name: String,
    /// Seconds a received message stays hidden. Default 30, as on AWS.
    pub visibility_seconds: u64,
}

/// A table's properties in CloudFormation's shape, with its name.
///
/// # Errors
/// Properties that are not supported.
pub fn table(name: String, node: &Node) -> Result<Value, Problem> {
    Properties::new(node, "AWS::DynamoDB::Table", TABLE)?.required("KeySchema")?;
    let mut properties = node.to_json()?;
    properties["TableName"] = Value::String(name);
    Ok(properties)
}

/// Checks a bucket's properties.
///
/// # Errors
/// Properties that are not supported.
pub fn bucket(node: &Node) -> Result<(), Problem> {
    Properties::new(node, "AWS::S3::Bucket", BUCKET).map(|_| ())
}

/// Reads a queue.
///
/// # Errors
/// Properties that are not supported.
pub fn queue(name: String, node: &Node) -> Result<Queue, Problem> {
    let properties = Properties::new(node, "AWS::SQS::Queue", QUEUE)?;
    Ok(Queue { name, visibility_seconds: properties.count("VisibilityTimeout")?.unwrap_or(30) })
}
