//! The default event bus.

use std::io;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::lambda::LARGEST_EVENT;
use crate::lambda::background::Background;
use crate::queues::Queues;
use crate::template::{ACCOUNT, REGION, Rule, Schedule, Template};
use crate::{clock, wire};

/// PutEvents takes ten entries.
const MOST_ENTRIES: usize = 10;

/// The bus with the template's rules.
#[derive(Clone)]
pub struct Bus {
    shared: Arc<Shared>,
}

struct Shared {
    rules: Vec<(String, Rule)>,
    background: Background,
    queues: Queues,
}

impl Bus {
    /// Takes the rules of a template and starts its schedules.
    pub fn new(template: &Template, background: Background, queues: Queues) -> Self {
        let rules = template.functions.iter();
        let rules = rules.flat_map(|function| function.rules.iter().map(|rule| (function.id.clone(), rule.clone())));
        let bus = Self { shared: Arc::new(Shared { rules: rules.collect(), background, queues }) };
        for function in &template.functions {
            for schedule in &function.schedules {
                tokio::spawn(bus.clone().tick(function.id.clone(), schedule.clone()));
            }
        }
        bus
    }

    /// Gives an event to every rule that matches; it is on the disk when this returns. How many matched.
    ///
    /// # Errors
    /// The disk's.
    pub async fn publish(&self, event: &Value) -> io::Result<usize> {
        let mut matched = 0;
        for (function, rule) in self.shared.rules.iter().filter(|(_, rule)| rule.pattern.matches(event)) {
            matched += 1;
            self.deliver(function, event.to_string(), rule.dead_letters.as_deref(), &rule.name).await?;
        }
        tracing::debug!(source = %event["source"], kind = %event["detail-type"], matched, "an event");
        Ok(matched)
    }

    /// What cannot be handed to the function's queue goes to the rule's dead-letter queue.
    async fn deliver(&self, function: &str, payload: String, dead_letters: Option<&str>, rule: &str) -> io::Result<()> {
        let why = if payload.len() > LARGEST_EVENT {
            io::Error::other(format!(
                "{} bytes exceed the {LARGEST_EVENT} of an asynchronous invocation",
                payload.len()
            ))
        } else {
            match self.shared.background.accept(function, payload.clone()).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            }
        };
        let Some(queue) = dead_letters else { return Err(why) };
        let text = |value: String| json!({ "DataType": "String", "StringValue": value });
        let attributes = json!({
            "RULE_ARN": text(format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}")),
            "ERROR_CODE": text("INVALID_PARAMETER".to_owned()),
            "ERROR_MESSAGE": text(why.to_string()),
        });
        self.shared.queues.send(queue, &payload, attributes).map(|_| ())
    }

    async fn tick(self, function: String, schedule: Schedule) {
        let mut last = clock::now();
        while let Some(due) = schedule.expression.next(last) {
            let wait = (due - clock::now()).max(time::Duration::ZERO);
            tokio::time::sleep(wait.unsigned_abs()).await;
            // After a suspended machine wakes up, one sweep does what all the missed ones would have.
            last = due.max(clock::now());
            let payload = schedule.input.clone().unwrap_or_else(|| default_input(&schedule, due).to_string());
            if let Err(error) = self.deliver(&function, payload, schedule.dead_letters.as_deref(), &schedule.name).await
            {
                tracing::error!(function, schedule = schedule.name, %error, "a schedule could not be delivered");
            }
        }
    }

    /// Answers `PutEvents`.
    pub async fn handle(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        if wire::operation(&parts.headers) != Some("PutEvents") {
            let message = "the laptop platform knows only PutEvents of EventBridge";
            return wire::error(StatusCode::BAD_REQUEST, "UnknownOperationException", message);
        }
        let input = wire::body(body, LARGEST_EVENT).await.and_then(|body| serde_json::from_slice::<Value>(&body).ok());
        let Some(entries) = input.as_ref().and_then(|input| input["Entries"].as_array()) else {
            return wire::error(
                StatusCode::BAD_REQUEST,
                "ValidationException",
                "Entries is missing or the request exceeds 1 MB",
            );
        };
        if entries.is_empty() || entries.len() > MOST_ENTRIES {
            return wire::error(StatusCode::BAD_REQUEST, "ValidationException", "Entries must have 1 to 10 items");
        }
        let mut results = Vec::new();
        for entry in entries {
            results.push(match self.put(entry).await {
                Ok(id) => json!({ "EventId": id }),
                Err((code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
            });
        }
        let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
        let body = json!({ "FailedEntryCount": failed, "Entries": results });
        wire::json_as(StatusCode::OK, "application/x-amz-json-1.1", &body)
    }

    async fn put(&self, entry: &Value) -> Result<String, (&'static str, String)> {
        let text = |name: &str| entry[name].as_str().filter(|text| !text.is_empty());
        let invalid = |message: &str| ("InvalidArgument", message.to_owned());
        let source = text("Source")
            .ok_or_else(|| invalid("Parameter Source is not valid. Reason: Source is a required argument."))?;
        if source.starts_with("aws.") {
            let message = "Not authorized for the source.";
            return Err(("NotAuthorizedForSourceException", message.to_owned()));
        }
        let kind = text("DetailType")
            .ok_or_else(|| invalid("Parameter DetailType is not valid. Reason: DetailType is a required argument."))?;
        let detail: Value = serde_json::from_str(text("Detail").unwrap_or("{}"))
            .ok()
            .filter(Value::is_object)
            .ok_or(("MalformedDetail", "Detail is malformed.".to_owned()))?;
        if text("EventBusName").is_some_and(|name| name.rsplit('/').next() != Some("default")) {
            return Err(invalid("The laptop platform has the default event bus only."));
        }
        let time = entry["Time"].as_f64().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds as i64).ok());
        let id = clock::request_id();
        let event = json!({
            "version": "0",
            "id": id,
            "detail-type": kind,
            "source": source,
            "account": ACCOUNT,
            "time": clock::timestamp(time.unwrap_or_else(clock::now)),
            "region": REGION,
            "resources": entry["Resources"].as_array().cloned().unwrap_or_default(),
            "detail": detail,
        });
        self.publish(&event).await.map_err(|error| ("InternalFailure", error.to_string()))?;
        Ok(id)
    }
}

/// What a schedule without input sends. EventBridge Scheduler's `detail` is text, a rule's is an object.
fn default_input(schedule: &Schedule, due: OffsetDateTime) -> Value {
    let (source, service) = if schedule.scheduler { ("aws.scheduler", "scheduler") } else { ("aws.events", "events") };
    let kind = if schedule.scheduler { "schedule/default" } else { "rule" };
    json!({
        "version": "0",
        "id": clock::request_id(),
        "detail-type": "Scheduled Event",
        "source": source,
        "account": ACCOUNT,
        "time": clock::timestamp(due),
        "region": REGION,
        "resources": [format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}/{}", schedule.name)],
        "detail": if schedule.scheduler { json!("{}") } else { json!({}) },
    })
}
