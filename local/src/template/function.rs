//! `AWS::Serverless::Function`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::properties::Properties;
use super::triggers::{self, Route, Rule, Schedule};
use super::{Node, Problem};

/// A function as the platform runs it.
#[derive(Debug, Clone)]
pub struct Function {
    /// Logical id, the name by which the platform speaks of the function.
    pub id: String,
    /// Name on AWS.
    pub name: String,
    /// ARN on AWS.
    pub arn: String,
    /// `CodeUri`; its last segment names the binary.
    pub code_uri: String,
    /// `Handler`, passed on as `_HANDLER`.
    pub handler: String,
    /// An invocation that takes longer is killed. Default 3 s, as on AWS.
    pub timeout: Duration,
    /// MB of memory; told to the process, not enforced.
    pub memory_mb: u64,
    /// The template's environment variables.
    pub environment: BTreeMap<String, String>,
    /// From which level on it logs (`LoggingConfig.ApplicationLogLevel`).
    pub log_level: Option<String>,
    /// `ReservedConcurrentExecutions`.
    pub concurrency: Option<usize>,
    /// ARN of the function's dead-letter queue.
    pub dead_letters: Option<String>,
    /// ARN of the queue for failed asynchronous invocations (`EventInvokeConfig`).
    pub on_failure: Option<String>,
    /// Retries of a failed asynchronous invocation: 0 to 2.
    pub retries: u32,
    /// The function URL, if there is one.
    pub url: Option<FunctionUrl>,
    /// HTTP API events.
    pub routes: Vec<Route>,
    /// EventBridge rules.
    pub rules: Vec<Rule>,
    /// Schedules.
    pub schedules: Vec<Schedule>,
}

/// A function URL.
#[derive(Debug, Clone)]
pub struct FunctionUrl {
    /// Host and port on which the platform serves it.
    pub domain: String,
    /// `InvokeMode: RESPONSE_STREAM`.
    pub streaming: bool,
}

const SUPPORTED: &[&str] = &[
    "FunctionName",
    "CodeUri",
    "Handler",
    "Timeout",
    "MemorySize",
    "Environment",
    "Events",
    "FunctionUrlConfig",
    "ReservedConcurrentExecutions",
    "DeadLetterQueue",
    "EventInvokeConfig",
    "LoggingConfig",
    // Accepted, without effect on one machine:
    "Runtime",
    "Architectures",
    "Description",
    "Tags",
    "Tracing",
    "Policies",
    "Role",
    "RolePath",
    "PermissionsBoundary",
    "EphemeralStorage",
    "PropagateTags",
    "RuntimeManagementConfig",
];

/// Reads one function from its resolved properties.
///
/// # Errors
/// Anything that is missing or not supported.
pub fn read(id: &str, name: String, arn: String, url_domain: String, node: &Node) -> Result<Function, Problem> {
    let properties = Properties::new(node, "AWS::Serverless::Function", SUPPORTED)?;
    let code = properties.required("CodeUri")?;
    properties.only("Runtime", &["provided.al2023", "provided.al2", "provided"])?;
    let mut function = Function {
        id: id.to_owned(),
        name,
        arn,
        code_uri: code.as_text()?,
        handler: properties.text("Handler")?.unwrap_or_else(|| "bootstrap".to_owned()),
        timeout: Duration::from_secs(properties.count("Timeout")?.unwrap_or(3)),
        memory_mb: properties.count("MemorySize")?.unwrap_or(128),
        environment: environment(properties.get("Environment"))?,
        log_level: None,
        concurrency: properties.count("ReservedConcurrentExecutions")?.map(|count| count as usize),
        dead_letters: None,
        on_failure: None,
        retries: 2,
        url: None,
        routes: Vec::new(),
        rules: Vec::new(),
        schedules: Vec::new(),
    };
    if function.timeout.is_zero() || function.timeout > Duration::from_secs(900) {
        return Err(Problem::new(node.line, "Timeout must be 1 to 900 seconds"));
    }
    if let Some(queue) = properties.get("DeadLetterQueue") {
        let queue = Properties::new(queue, "DeadLetterQueue", &["Type", "TargetArn"])?;
        queue.only("Type", &["SQS"])?;
        function.dead_letters = Some(queue.required("TargetArn")?.as_text()?);
    }
    if let Some(logging) = properties.get("LoggingConfig") {
        let supported = ["LogFormat", "ApplicationLogLevel", "SystemLogLevel", "LogGroup"];
        function.log_level = Properties::new(logging, "LoggingConfig", &supported)?.text("ApplicationLogLevel")?;
    }
    if let Some(config) = properties.get("EventInvokeConfig") {
        invoke_config(config, &mut function)?;
    }
    if let Some(config) = properties.get("FunctionUrlConfig") {
        let config = Properties::new(config, "FunctionUrlConfig", &["AuthType", "InvokeMode"])?;
        config.only("AuthType", &["AWS_IAM", "NONE"])?;
        config.only("InvokeMode", &["BUFFERED", "RESPONSE_STREAM"])?;
        let streaming = config.text("InvokeMode")?.as_deref() == Some("RESPONSE_STREAM");
        function.url = Some(FunctionUrl { domain: url_domain, streaming });
    }
    if let Some(events) = properties.get("Events") {
        triggers::read(events, &mut function)?;
    }
    Ok(function)
}

fn environment(node: Option<&Node>) -> Result<BTreeMap<String, String>, Problem> {
    let Some(node) = node else { return Ok(BTreeMap::new()) };
    let Some(variables) = Properties::new(node, "Environment", &["Variables"])?.get("Variables") else {
        return Ok(BTreeMap::new());
    };
    variables.entries()?.iter().map(|(key, value)| Ok((key.name.clone(), value.as_text()?))).collect()
}

fn invoke_config(node: &Node, function: &mut Function) -> Result<(), Problem> {
    let supported = ["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"];
    let config = Properties::new(node, "EventInvokeConfig", &supported)?;
    if let Some(retries) = config.count("MaximumRetryAttempts")? {
        function.retries = u32::try_from(retries)
            .ok()
            .filter(|retries| *retries <= 2)
            .ok_or_else(|| Problem::new(node.line, "MaximumRetryAttempts must be 0, 1 or 2"))?;
    }
    let Some(destinations) = config.get("DestinationConfig") else { return Ok(()) };
    let destinations = Properties::new(destinations, "DestinationConfig", &["OnFailure"])?;
    let Some(failure) = destinations.get("OnFailure") else { return Ok(()) };
    let failure = Properties::new(failure, "OnFailure", &["Type", "Destination"])?;
    failure.only("Type", &["SQS"])?;
    function.on_failure = Some(failure.required("Destination")?.as_text()?);
    Ok(())
}
