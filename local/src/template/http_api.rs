//! `AWS::Serverless::HttpApi`.

use std::collections::BTreeMap;

use super::properties::Properties;
use super::{Node, Problem};

/// An HTTP API and its authorizers.
#[derive(Debug, Clone, Default)]
pub struct HttpApi {
    /// Logical id.
    pub id: String,
    /// What `!Ref` gives.
    pub api_id: String,
    /// Lambda authorizers by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The authorizer of routes that name none.
    pub default_authorizer: Option<String>,
}

/// A Lambda authorizer with simple responses and payload 2.0.
#[derive(Debug, Clone)]
pub struct Authorizer {
    /// ARN of the function.
    pub function_arn: String,
    /// Headers (lower case) that must be present, in order.
    pub headers: Vec<String>,
    /// Query parameters that must be present, in order.
    pub query: Vec<String>,
}

const SUPPORTED: &[&str] = &[
    "Auth",
    "StageName",
    // Accepted, without effect on one machine:
    "Name",
    "Description",
    "AccessLogSettings",
    "DefaultRouteSettings",
    "RouteSettings",
    "FailOnWarnings",
    "Tags",
    "DisableExecuteApiEndpoint",
    "Domain",
    "PropagateTags",
];

const AUTHORIZER: &[&str] = &[
    "FunctionArn",
    "AuthorizerPayloadFormatVersion",
    "EnableSimpleResponses",
    "Identity",
    // Accepted, without effect on one machine:
    "FunctionInvokeRole",
    "EnableFunctionDefaultPermissions",
];

/// Reads one API from its resolved properties.
///
/// # Errors
/// Anything that is missing or not supported.
pub fn read(id: &str, node: &Node) -> Result<HttpApi, Problem> {
    let mut api = HttpApi { id: id.to_owned(), api_id: id.to_lowercase(), ..HttpApi::default() };
    let properties = Properties::new(node, "AWS::Serverless::HttpApi", SUPPORTED)?;
    properties.only("StageName", &["$default"])?;
    let Some(auth) = properties.get("Auth") else { return Ok(api) };
    let auth = Properties::new(auth, "Auth", &["Authorizers", "DefaultAuthorizer"])?;
    if let Some(authorizers) = auth.get("Authorizers") {
        for (key, value) in authorizers.entries()? {
            api.authorizers.insert(key.name.clone(), authorizer(value)?);
        }
    }
    if let Some(node) = auth.get("DefaultAuthorizer") {
        let name = node.as_text()?;
        if !api.authorizers.contains_key(&name) {
            return Err(Problem::new(node.line, format!("there is no authorizer `{name}`")));
        }
        api.default_authorizer = Some(name);
    }
    Ok(api)
}

fn authorizer(node: &Node) -> Result<Authorizer, Problem> {
    let properties = Properties::new(node, "an authorizer", AUTHORIZER)?;
    properties.required("AuthorizerPayloadFormatVersion")?;
    properties.only("AuthorizerPayloadFormatVersion", &["2.0"])?;
    properties.required("EnableSimpleResponses")?;
    properties.only("EnableSimpleResponses", &["true"])?;
    let mut authorizer = Authorizer {
        function_arn: properties.required("FunctionArn")?.as_text()?,
        headers: Vec::new(),
        query: Vec::new(),
    };
    if let Some(identity) = properties.get("Identity") {
        let identity = Properties::new(identity, "Identity", &["Headers", "QueryStrings", "ReauthorizeEvery"])?;
        identity.only("ReauthorizeEvery", &["0"])?;
        authorizer.headers = identity.texts("Headers")?.iter().map(|name| name.to_lowercase()).collect();
        authorizer.query = identity.texts("QueryStrings")?;
    }
    Ok(authorizer)
}
