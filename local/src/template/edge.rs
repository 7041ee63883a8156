//! CloudFront: the function, its key-value store and the distribution that joins it to an origin.

use super::edge_policies::Policy;
use super::properties::Properties;
use super::{Node, Problem};

/// A CloudFront Function.
#[derive(Debug, Clone)]
pub struct EdgeFunction {
    /// ARN, by which a distribution names it.
    pub arn: String,
    /// JavaScript.
    pub source: String,
    /// ARN of its key-value store.
    pub store: Option<String>,
}

/// A distribution, as far as one machine needs it.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Identifier, told to the edge function.
    pub id: String,
    /// ARN of the function for viewer requests.
    pub viewer_request: Option<String>,
    /// Host and port of the default behaviour's origin.
    pub origin: String,
    /// Methods a viewer may use.
    pub methods: Vec<String>,
    /// Identifiers of the cache policy and the origin request policy.
    pub policy_ids: Vec<String>,
    /// Those of these policies that the template declares.
    pub policies: Vec<Policy>,
}

const DISTRIBUTION: &[&str] = &[
    "Origins",
    "DefaultCacheBehavior",
    // Accepted, without effect on one machine:
    "Enabled",
    "Comment",
    "Aliases",
    "ViewerCertificate",
    "HttpVersion",
    "PriceClass",
    "IPV6Enabled",
    "Logging",
    "CustomErrorResponses",
    "WebACLId",
];

const BEHAVIOR: &[&str] = &[
    "TargetOriginId",
    "FunctionAssociations",
    "AllowedMethods",
    "CachePolicyId",
    "OriginRequestPolicyId",
    // Accepted, without effect on one machine, which caches nothing:
    "ViewerProtocolPolicy",
    "ResponseHeadersPolicyId",
    "CachedMethods",
    "Compress",
];

const ORIGIN: &[&str] = &[
    "Id",
    "DomainName",
    "OriginAccessControlId",
    "CustomOriginConfig",
    "OriginShield",
    "ConnectionAttempts",
    "ConnectionTimeout",
    "ResponseCompletionTimeout",
];

/// Reads a CloudFront Function.
///
/// # Errors
/// Anything that is missing or not supported.
pub fn function(arn: String, node: &Node) -> Result<EdgeFunction, Problem> {
    let supported = ["Name", "FunctionCode", "FunctionConfig", "AutoPublish", "Tags"];
    let properties = Properties::new(node, "AWS::CloudFront::Function", &supported)?;
    let config = properties.required("FunctionConfig")?;
    let config = Properties::new(config, "FunctionConfig", &["Comment", "Runtime", "KeyValueStoreAssociations"])?;
    config.only("Runtime", &["cloudfront-js-2.0"])?;
    let mut store = None;
    if let Some(node) = config.get("KeyValueStoreAssociations") {
        for item in node.items()? {
            let association = Properties::new(item, "KeyValueStoreAssociations", &["KeyValueStoreARN"])?;
            store = Some(association.required("KeyValueStoreARN")?.as_text()?);
        }
    }
    Ok(EdgeFunction { arn, source: properties.required("FunctionCode")?.as_text()?, store })
}

/// Checks a key-value store's properties.
///
/// # Errors
/// Properties that are not supported.
pub fn key_value_store(node: &Node) -> Result<(), Problem> {
    Properties::new(node, "AWS::CloudFront::KeyValueStore", &["Name", "Comment", "Tags"]).map(|_| ())
}

/// Reads a distribution.
///
/// # Errors
/// Anything that is missing or not supported.
pub fn distribution(id: String, node: &Node) -> Result<Distribution, Problem> {
    let properties = Properties::new(node, "AWS::CloudFront::Distribution", &["DistributionConfig", "Tags"])?;
    let config = Properties::new(properties.required("DistributionConfig")?, "DistributionConfig", DISTRIBUTION)?;
    let behavior = Properties::new(config.required("DefaultCacheBehavior")?, "DefaultCacheBehavior", BEHAVIOR)?;
    let target = behavior.required("TargetOriginId")?;
    let target_id = target.as_text()?;
    let mut origin = None;
    for item in config.required("Origins")?.items()? {
        let item = Properties::new(item, "an origin", ORIGIN)?;
        if item.required("Id")?.as_text()? == target_id {
            origin = Some(item.required("DomainName")?.as_text()?);
        }
    }
    let origin = origin.ok_or_else(|| Problem::new(target.line, format!("there is no origin `{target_id}`")))?;
    let mut viewer_request = None;
    if let Some(associations) = behavior.get("FunctionAssociations") {
        for item in associations.items()? {
            let association = Properties::new(item, "FunctionAssociations", &["EventType", "FunctionARN"])?;
            association.only("EventType", &["viewer-request"])?;
            viewer_request = Some(association.required("FunctionARN")?.as_text()?);
        }
    }
    let mut methods = behavior.texts("AllowedMethods")?;
    if methods.is_empty() {
        methods = vec!["GET".to_owned(), "HEAD".to_owned()];
    }
    let policies = [behavior.text("CachePolicyId")?, behavior.text("OriginRequestPolicyId")?];
    let policy_ids = policies.into_iter().flatten().collect();
    Ok(Distribution { id, viewer_request, origin, methods, policy_ids, policies: Vec::new() })
}
