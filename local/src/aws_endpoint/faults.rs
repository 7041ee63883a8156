//! Faults at the AWS wire: errors that no engine shows, on demand.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dispatch::{Call, Service};
use crate::wire;

/// One fault, as `POST /_local/faults` takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Service, as in credential scopes.
    pub service: String,
    /// Action; every action if missing.
    #[serde(default)]
    pub action: Option<String>,
    /// Logical id of the calling function; every caller if missing.
    #[serde(default)]
    pub function: Option<String>,
    /// HTTP status of the answer.
    pub status: u16,
    /// Error code.
    pub code: String,
    /// How many calls fail; all if missing.
    #[serde(default)]
    pub count: Option<u64>,
    /// Which share of calls fails, 0 to 1; all if missing.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Members added to the JSON error, e.g. `CancellationReasons`.
    #[serde(default)]
    pub body: Option<Value>,
    /// The call is made, and only its answer is lost.
    #[serde(default)]
    pub after: bool,
}

/// The faults that are in force.
#[derive(Clone, Default)]
pub struct Faults {
    active: Arc<Mutex<Vec<Fault>>>,
}

impl Faults {
    /// Adds a fault.
    pub fn add(&self, fault: Fault) {
        self.active.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.active.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The faults in force.
    pub fn list(&self) -> Vec<Fault> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fault that this call meets, if any; it is counted.
    pub fn take(&self, call: &Call) -> Option<Fault> {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = active.iter_mut().find(|fault| fault.meets(call))?;
        if let Some(count) = &mut fault.count {
            *count = count.saturating_sub(1);
        }
        let met = fault.clone();
        active.retain(|fault| fault.count != Some(0));
        Some(met)
    }
}

impl Fault {
    fn meets(&self, call: &Call) -> bool {
        self.service == call.service.name()
            && self.action.as_ref().is_none_or(|action| *action == call.action)
            && self.function.as_ref().is_none_or(|function| Some(function) == call.function.as_ref())
            && self.probability.is_none_or(|share| chance() < share)
    }

    /// The error in the service's own format.
    pub fn response(&self, service: Service) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = "injected by the laptop platform";
        if service == Service::S3 {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{message}</Message></Error>",
                self.code
            );
            return (status, [("content-type", "application/xml")], body).into_response();
        }
        let kind = match service {
            Service::DynamoDb => format!("com.amazonaws.dynamodb.v20120810#{}", self.code),
            _ => self.code.clone(),
        };
        let mut body = json!({ "__type": kind, "message": message, "Message": message });
        for (name, value) in self.body.iter().filter_map(Value::as_object).flatten() {
            body[name] = value.clone();
        }
        let mut response = wire::json_as(status, "application/x-amz-json-1.0", &body);
        if let Ok(code) = HeaderValue::from_str(&self.code) {
            response.headers_mut().insert("x-amzn-errortype", code);
        }
        response
    }
}

/// Uniform in 0 (included) to 1 (excluded).
fn chance() -> f64 {
    let mut bytes = [0_u8; 4];
    _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: &str, action: &str) -> Call {
        let (function, action) = (Some(function.to_owned()), action.to_owned());
        Call { function, service: Service::DynamoDb, action, resource: String::new(), request_bytes: 0 }
    }

    #[test]
    fn a_fault_meets_the_named_calls_as_often_as_told() {
        let faults = Faults::default();
        let fault = json!({ "service": "dynamodb", "action": "PutItem", "function": "A", "status": 400, "code": "X", "count": 2 });
        faults.add(serde_json::from_value(fault).unwrap());
        assert!(faults.take(&call("B", "PutItem")).is_none());
        assert!(faults.take(&call("A", "GetItem")).is_none());
        assert!(faults.take(&call("A", "PutItem")).is_some());
        assert!(faults.take(&call("A", "PutItem")).is_some());
        assert!(faults.take(&call("A", "PutItem")).is_none());
        assert!(faults.list().is_empty());
    }

    #[test]
    fn a_probability_of_zero_never_fails_and_of_one_always() {
        for (share, expected) in [(0.0, false), (1.0, true)] {
            let faults = Faults::default();
            faults.add(
                serde_json::from_value(
                    json!({ "service": "dynamodb", "status": 500, "code": "X", "probability": share }),
                )
                .unwrap(),
            );
            assert_eq!(faults.take(&call("A", "PutItem")).is_some(), expected);
        }
    }
}
