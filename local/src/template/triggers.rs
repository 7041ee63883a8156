//! The `Events` of a function: routes, rules and schedules.

use super::function::Function;
use super::properties::Properties;
use super::{Node, Problem};
use crate::events::pattern::Pattern;
use crate::events::schedule::Expression;

/// One route of an HTTP API.
#[derive(Debug, Clone)]
pub struct Route {
    /// Line of the event.
    pub line: usize,
    /// What `ApiId` resolved to; `None` is SAM's implicit API.
    pub api: Option<String>,
    /// Upper-case method, or `ANY`.
    pub method: String,
    /// Path pattern, or `$default`.
    pub path: String,
    /// What the event says of authorizers: nothing, a name, or `NONE`.
    pub authorizer: Option<String>,
}

/// One EventBridge rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name of the event in the template.
    pub name: String,
    /// What it matches.
    pub pattern: Pattern,
    /// ARN of the rule's dead-letter queue.
    pub dead_letters: Option<String>,
}

/// One schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Name of the event in the template.
    pub name: String,
    /// When.
    pub expression: Expression,
    /// The constant input, if the template gives one.
    pub input: Option<String>,
    /// Whether EventBridge Scheduler sends it (`ScheduleV2`) or a rule (`Schedule`): the default input differs.
    pub scheduler: bool,
    /// ARN of the schedule's dead-letter queue.
    pub dead_letters: Option<String>,
}

/// Reads the events of a function into it.
///
/// # Errors
/// Event types and properties that are not supported.
pub fn read(events: &Node, function: &mut Function) -> Result<(), Problem> {
    for (key, event) in events.entries()? {
        let event = Properties::new(event, "an event", &["Type", "Properties"])?;
        let kind = event.required("Type")?;
        let properties = event.required("Properties")?;
        match kind.as_text()?.as_str() {
            "HttpApi" => function.routes.push(route(key.line, properties)?),
            "EventBridgeRule" => function.rules.extend(rule(&key.name, properties)?),
            "Schedule" => function.schedules.extend(schedule(&key.name, properties, false)?),
            "ScheduleV2" => function.schedules.extend(schedule(&key.name, properties, true)?),
            other => {
                return Err(Problem::new(
                    kind.line,
                    format!("the laptop platform does not support events of type {other}"),
                ));
            }
        }
    }
    Ok(())
}

fn route(line: usize, node: &Node) -> Result<Route, Problem> {
    let supported = ["ApiId", "Path", "Method", "Auth", "PayloadFormatVersion", "TimeoutInMillis", "RouteSettings"];
    let properties = Properties::new(node, "an HttpApi event", &supported)?;
    properties.only("PayloadFormatVersion", &["2.0"])?;
    if let Some(timeout) = properties.get("TimeoutInMillis") {
        return Err(Problem::new(
            timeout.line,
            "the laptop platform supports the default TimeoutInMillis of 30 s only",
        ));
    }
    let authorizer = match properties.get("Auth") {
        Some(auth) => Properties::new(auth, "Auth of an HttpApi event", &["Authorizer"])?.text("Authorizer")?,
        None => None,
    };
    let (method, path) = match (properties.text("Method")?, properties.text("Path")?) {
        (Some(method), Some(path)) => (method.to_uppercase(), path),
        (None, None) => ("ANY".to_owned(), "$default".to_owned()),
        _ => return Err(Problem::new(node.line, "an HttpApi event needs both Path and Method, or neither")),
    };
    let method = if method == "*" || method == "X-AMAZON-APIGATEWAY-ANY-METHOD" { "ANY".to_owned() } else { method };
    if path != "$default" && !path.starts_with('/') {
        return Err(Problem::new(node.line, format!("the path `{path}` must start with /")));
    }
    Ok(Route { line, api: properties.text("ApiId")?, method, path, authorizer })
}

fn rule(name: &str, node: &Node) -> Result<Option<Rule>, Problem> {
    let supported = [
        "Pattern",
        "EventBusName",
        "DeadLetterConfig",
        "RetryPolicy",
        "Target",
        "RuleName",
        "State",
        "InputPath",
        "Input",
    ];
    let properties = Properties::new(node, "an EventBridgeRule event", &supported)?;
    properties.only("EventBusName", &["default"])?;
    for unsupported in ["InputPath", "Input"] {
        if let Some(node) = properties.get(unsupported) {
            return Err(Problem::new(
                node.line,
                format!("{unsupported} of a rule is not supported: take the whole event"),
            ));
        }
    }
    let pattern = properties.required("Pattern")?;
    let dead_letters = dead_letters(&properties)?;
    let pattern = Pattern::parse(&pattern.to_json()?).map_err(|error| Problem::new(pattern.line, error.to_string()))?;
    let enabled = properties.text("State")?.as_deref() != Some("DISABLED");
    Ok(enabled.then(|| Rule { name: name.to_owned(), pattern, dead_letters }))
}

fn schedule(name: &str, node: &Node, scheduler: bool) -> Result<Option<Schedule>, Problem> {
    let common = ["Input", "Name", "Description", "State", "DeadLetterConfig", "RetryPolicy"];
    let own: &[&str] = if scheduler {
        &["ScheduleExpression", "FlexibleTimeWindow", "RoleArn", "PermissionsBoundary", "ScheduleExpressionTimezone"]
    } else {
        &["Schedule", "Enabled"]
    };
    let supported: Vec<&str> = common.iter().chain(own).copied().collect();
    let properties = Properties::new(node, "a schedule", &supported)?;
    properties.only("ScheduleExpressionTimezone", &["UTC"])?;
    let expression = properties.required(if scheduler { "ScheduleExpression" } else { "Schedule" })?;
    let parsed =
        Expression::parse(&expression.as_text()?).map_err(|error| Problem::new(expression.line, error.to_string()))?;
    let disabled = properties.text("State")?.as_deref() == Some("DISABLED")
        || properties.get("Enabled").map(Node::as_bool).transpose()? == Some(false);
    let (input, dead_letters) = (properties.text("Input")?, dead_letters(&properties)?);
    Ok((!disabled).then(|| Schedule { name: name.to_owned(), expression: parsed, input, scheduler, dead_letters }))
}

fn dead_letters(properties: &Properties<'_>) -> Result<Option<String>, Problem> {
    if let Some(policy) = properties.get("RetryPolicy") {
        // Delivery to a queue on this disk does not fail for a while and then succeed: nothing to retry.
        Properties::new(policy, "RetryPolicy", &["MaximumRetryAttempts", "MaximumEventAgeInSeconds"])?;
    }
    let Some(config) = properties.get("DeadLetterConfig") else { return Ok(None) };
    Properties::new(config, "DeadLetterConfig", &["Arn"])?.required("Arn")?.as_text().map(Some)
}
