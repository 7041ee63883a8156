//! Reads `template.yaml` into what the platform runs.
//!
//! Everything is checked against explicit lists: a resource type, property, event type or intrinsic function that the
//! platform does not know is an error that names the line, never silently skipped.

mod containers;
mod edge;
mod edge_policies;
mod function;
mod globals;
mod http_api;
mod names;
mod node;
mod parameters;
mod problem;
mod properties;
mod resolver;
mod resource;
mod storage;
mod triggers;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;

pub use edge::{Distribution, EdgeFunction};
pub use edge_policies::{Names as EdgeNames, Policy as EdgePolicy};
pub use function::{Function, FunctionUrl};
pub use http_api::{Authorizer, HttpApi};
pub use node::{Key, Kind, Node};
pub use problem::{Problem, TemplateError};
pub use storage::Queue;
pub use triggers::{Route, Rule, Schedule};

use resolver::Resolver;

/// The one region.
pub const REGION: &str = "us-east-1";
/// The one account.
pub const ACCOUNT: &str = "000000000000";
/// The name of the stack.
pub const STACK: &str = "slipway";

/// Where the platform listens; the template's addresses are made of these.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// HTTP API and sites.
    pub public: SocketAddr,
    /// AWS APIs and function URLs.
    pub aws: SocketAddr,
}

/// The typed view of a template.
#[derive(Debug, Default)]
pub struct Template {
    /// Functions, by logical id.
    pub functions: Vec<Function>,
    /// HTTP APIs.
    pub apis: Vec<HttpApi>,
    /// Tables' properties in CloudFormation's shape, each with a `TableName`.
    pub tables: Vec<Value>,
    /// Names of buckets.
    pub buckets: Vec<String>,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Names of ECS clusters.
    pub clusters: Vec<String>,
    /// Task definitions in CloudFormation's shape, each with a `Family`.
    pub task_definitions: Vec<Value>,
    /// CloudFront Functions.
    pub edge_functions: Vec<EdgeFunction>,
    /// ARNs of key-value stores.
    pub key_value_stores: Vec<String>,
    /// Distributions.
    pub distributions: Vec<Distribution>,
    /// Resolved outputs.
    pub outputs: BTreeMap<String, String>,
}

const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
];

impl Template {
    /// Reads and resolves a template file.
    ///
    /// # Errors
    /// Anything wrong or unsupported, with its line.
    pub fn load(
        path: &Path,
        parameters: &BTreeMap<String, String>,
        addresses: Addresses,
    ) -> Result<Self, TemplateError> {
        let source =
            std::fs::read_to_string(path).map_err(|source| TemplateError::Read { path: path.to_owned(), source })?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        Self::parse(&source, &file, parameters, addresses)
    }

    /// Resolves a template's text; `file` is the name for messages.
    ///
    /// # Errors
    /// Anything wrong or unsupported, with its line.
    pub fn parse(
        source: &str,
        file: &str,
        overrides: &BTreeMap<String, String>,
        addresses: Addresses,
    ) -> Result<Self, TemplateError> {
        let invalid = |problem| TemplateError::Invalid { file: file.to_owned(), problem };
        let root = Node::parse(source).map_err(invalid)?;
        check_sections(&root).map_err(invalid)?;
        let parameters = parameters::values(root.get("Parameters"), overrides, file)?;
        let resolver = resolver(&root, parameters, addresses).map_err(invalid)?;
        read(&root, &resolver).map_err(invalid)
    }
}

fn check_sections(root: &Node) -> Result<(), Problem> {
    for (key, _) in root.entries()? {
        if !SECTIONS.contains(&key.name.as_str()) {
            return Err(Problem::new(key.line, format!("the section `{}` is not supported", key.name)));
        }
    }
    if let Some(transform) = root.get("Transform")
        && transform.as_text().ok().as_deref() != Some("AWS::Serverless-2016-10-31")
    {
        return Err(Problem::new(transform.line, "only the transform AWS::Serverless-2016-10-31 is supported"));
    }
    globals::check(root.get("Globals"))
}

fn resolver<'t>(
    root: &'t Node,
    parameters: BTreeMap<String, Node>,
    addresses: Addresses,
) -> Result<Resolver<'t>, Problem> {
    let mut resolver = Resolver {
        parameters,
        conditions: root.get("Conditions"),
        mappings: root.get("Mappings"),
        resources: BTreeMap::new(),
        absent: BTreeMap::new(),
        addresses,
        depth: Cell::new(0),
    };
    let resources = root.get("Resources").ok_or_else(|| Problem::new(root.line, "the template has no Resources"))?;
    for (key, node) in resources.entries()? {
        let (declared, condition) = resource::declared(key.line, node)?;
        if let Some(condition) = condition {
            let name = condition.as_text()?;
            if !resolver.condition_named(&name, condition.line)? {
                resolver.absent.insert(key.name.clone(), name);
                continue;
            }
        }
        resolver.resources.insert(key.name.clone(), declared);
    }
    Ok(resolver)
}

impl<'t> Resolver<'t> {
    /// The resource of this logical id.
    ///
    /// # Errors
    /// There is none, or its condition is false.
    fn resource(&self, id: &str, line: usize) -> Result<&resource::Declared<'t>, Problem> {
        self.resources.get(id).ok_or_else(|| match self.absent.get(id) {
            Some(condition) => Problem::new(line, format!("{id} does not exist: its condition {condition} is false")),
            None => Problem::new(line, format!("there is no parameter or resource `{id}`")),
        })
    }
}

fn read(root: &Node, resolver: &Resolver<'_>) -> Result<Template, Problem> {
    let mut template = Template::default();
    let mut policies = Vec::new();
    for (id, declared) in &resolver.resources {
        if resource::WITHOUT_MEANING.contains(&declared.kind.as_str()) {
            continue;
        }
        let empty = Node::new(declared.line, Kind::Map(Vec::new()));
        let own = declared.properties.unwrap_or(&empty);
        let merged = match globals::section(root.get("Globals"), &declared.kind) {
            Some(global) => globals::merge(global, own),
            None => own.clone(),
        };
        let merged = without_rights(merged);
        let properties = resolver.value(&merged)?;
        let name = resolver.physical_name(id, declared.line)?;
        let arn = || resolver.attribute(id, "Arn", declared.line);
        match declared.kind.as_str() {
            "AWS::Serverless::Function" => {
                let url = resolver.function_url_domain(id);
                template.functions.push(function::read(id, name, arn()?, url, &properties)?);
            }
            "AWS::Serverless::HttpApi" => template.apis.push(http_api::read(id, &properties)?),
            "AWS::DynamoDB::Table" => template.tables.push(storage::table(name, &properties)?),
            "AWS::S3::Bucket" => {
                storage::bucket(&properties)?;
                template.buckets.push(name);
            }
            "AWS::SQS::Queue" => template.queues.push(storage::queue(name, &properties)?),
            "AWS::ECS::Cluster" => {
                containers::cluster(&properties)?;
                template.clusters.push(name);
            }
            "AWS::ECS::TaskDefinition" => {
                template.task_definitions.push(containers::task_definition(name, &properties)?)
            }
            "AWS::CloudFront::Function" => template.edge_functions.push(edge::function(arn()?, &properties)?),
            "AWS::CloudFront::KeyValueStore" => {
                edge::key_value_store(&properties)?;
                template.key_value_stores.push(arn()?);
            }
            "AWS::CloudFront::CachePolicy" => {
                policies.push(edge_policies::cache(resolver.physical_reference(id, declared.line)?, &properties)?);
            }
            "AWS::CloudFront::OriginRequestPolicy" => {
                policies
                    .push(edge_policies::origin_request(resolver.physical_reference(id, declared.line)?, &properties)?);
            }
            _ => {
                let distribution = resolver.physical_reference(id, declared.line)?;
                template.distributions.push(edge::distribution(distribution, &properties)?);
            }
        }
    }
    for distribution in &mut template.distributions {
        let named = policies.iter().filter(|policy: &&EdgePolicy| distribution.policy_ids.contains(&policy.id));
        distribution.policies = named.cloned().collect();
    }
    check_routes(&mut template)?;
    for (key, output) in root.get("Outputs").map(Node::entries).transpose()?.unwrap_or_default() {
        let absent = match output.get("Condition") {
            Some(condition) => !resolver.condition_named(&condition.as_text()?, condition.line)?,
            None => false,
        };
        if !absent && let Some(value) = output.get("Value") {
            template.outputs.insert(key.name.clone(), resolver.value(value)?.as_text()?);
        }
    }
    Ok(template)
}

/// Rights are not enforced here, so what they refer to need not be known.
fn without_rights(mut node: Node) -> Node {
    if let Kind::Map(entries) = &mut node.kind {
        for (key, value) in entries {
            if matches!(
                key.name.as_str(),
                "Policies" | "Role" | "ExecutionRoleArn" | "TaskRoleArn" | "PermissionsBoundary"
            ) {
                value.kind = Kind::Null;
            }
        }
    }
    node
}

/// Every route must name an API and an authorizer that exist; SAM's implicit API appears if a route uses it.
fn check_routes(template: &mut Template) -> Result<(), Problem> {
    let implicit = template.functions.iter().flat_map(|function| &function.routes).any(|route| route.api.is_none());
    if implicit {
        let api_id = "serverlesshttpapi".to_owned();
        template.apis.push(HttpApi { id: "ServerlessHttpApi".to_owned(), api_id, ..HttpApi::default() });
    }
    if template.apis.len() > 1 {
        let line = template.functions.iter().flat_map(|function| &function.routes).next().map_or(1, |route| route.line);
        return Err(Problem::new(
            line,
            "the laptop platform serves one HTTP API: give every HttpApi event the same ApiId",
        ));
    }
    for route in template.functions.iter().flat_map(|function| &function.routes) {
        let Some(api) = template.apis.first() else { continue };
        if let Some(id) = &route.api
            && *id != api.api_id
        {
            return Err(Problem::new(route.line, format!("there is no HTTP API `{id}`")));
        }
        if let Some(name) = route.authorizer.as_deref()
            && name != "NONE"
            && !api.authorizers.contains_key(name)
        {
            return Err(Problem::new(route.line, format!("there is no authorizer `{name}`")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
