//! Which resource types exist, and which attributes a resource may carry.

use super::{Kind, Node, Problem};

/// A resource as the template declares it.
#[derive(Debug, Clone)]
pub struct Declared<'t> {
    /// Line of the logical id.
    pub line: usize,
    /// The CloudFormation type.
    pub kind: String,
    /// Its `Properties`, unresolved.
    pub properties: Option<&'t Node>,
}

const ATTRIBUTES: &[&str] =
    &["Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"];

/// Types this platform runs.
pub const SUPPORTED: &[&str] = &[
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::ECS::Cluster",
    "AWS::ECS::TaskDefinition",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::KeyValueStore",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::OriginRequestPolicy",
    "AWS::CloudFront::Distribution",
];

/// Types without meaning on one machine: rights, networks, logs, alarms, names and certificates.
pub const WITHOUT_MEANING: &[&str] = &[
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::EC2::VPC",
    "AWS::EC2::Subnet",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::RouteTable",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::ECR::Repository",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Budgets::Budget",
    "AWS::CertificateManager::Certificate",
    "AWS::Route53::RecordSet",
    "AWS::Route53::RecordSetGroup",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::ApiMapping",
];

/// Reads a resource's frame: type, known attributes, condition.
///
/// # Errors
/// Unknown types and attributes.
pub fn declared<'t>(line: usize, node: &'t Node) -> Result<(Declared<'t>, Option<&'t Node>), Problem> {
    for (key, _) in node.entries()? {
        if !ATTRIBUTES.contains(&key.name.as_str()) {
            return Err(Problem::new(key.line, format!("the resource attribute `{}` is not supported", key.name)));
        }
    }
    let kind = node.get("Type").ok_or_else(|| Problem::new(line, "the resource has no Type"))?;
    let name = kind.as_text()?;
    if !SUPPORTED.contains(&name.as_str()) && !WITHOUT_MEANING.contains(&name.as_str()) {
        return Err(Problem::new(kind.line, format!("the laptop platform does not support the resource type {name}")));
    }
    let properties = node.get("Properties").filter(|properties| properties.kind != Kind::Null);
    Ok((Declared { line, kind: name, properties }, node.get("Condition")))
}
