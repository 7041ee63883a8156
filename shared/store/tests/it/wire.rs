//! The wire between the store and the engine: what passes is recorded, and faults that no engine shows are put in.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What is answered in the engine's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Another transaction held an item of this one.
    TransactionConflict,
    /// A transaction held the item of this single write.
    ItemConflict,
    /// The table's rate is used up for the moment.
    Throttled,
    /// A batch is answered in part: with nothing, for now.
    AnsweredInPart,
}

#[derive(Debug, Default)]
struct Passing {
    operations: Vec<String>,
    faults: Vec<(&'static str, Fault, usize)>,
}

/// A proxy in front of an engine.
#[derive(Clone)]
pub struct Wire {
    passing: Arc<Mutex<Passing>>,
    client: Client<HttpConnector, Full<Bytes>>,
    upstream: String,
}

impl Wire {
    /// Stands in front of the engine at `upstream`. Returns the address to speak to.
    pub async fn before(upstream: String) -> (Self, String) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let wire = Self { passing: Arc::default(), client, upstream };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let router = Router::new().fallback(pass).with_state(wire.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (wire, format!("http://{address}"))
    }

    /// The operations that were asked for since this was last called.
    pub fn operations(&self) -> Vec<String> {
        std::mem::take(&mut self.passing.lock().expect("nobody panics with it").operations)
    }

    /// Answers the next requests for this operation so, this many times.
    pub fn fail(&self, operation: &'static str, fault: Fault, times: usize) {
        self.passing.lock().expect("nobody panics with it").faults.push((operation, fault, times));
    }

    fn fault_of(&self, operation: &str) -> Option<Fault> {
        let mut passing = self.passing.lock().expect("nobody panics with it");
        passing.operations.push(operation.to_owned());
        let due = passing.faults.iter_mut().find(|(of, _, times)| *of == operation && *times > 0)?;
        due.2 -= 1;
        Some(due.1)
    }
}

async fn pass(State(wire): State<Wire>, request: Request) -> Response {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let (parts, body) = request.into_parts();
    let body = body.collect().await.expect("the client sends all of it").to_bytes();
    if let Some(fault) = wire.fault_of(&operation) {
        return answer(fault, &serde_json::from_slice(&body).expect("requests are JSON"));
    }
    let mut forwarded = http::Request::post(&wire.upstream);
    *forwarded.headers_mut().expect("the address is valid") = parts.headers;
    let forwarded = forwarded.body(Full::new(body)).expect("it was a request before");
    wire.client.request(forwarded).await.expect("the engine answers").map(Body::new)
}

fn answer(fault: Fault, request: &Value) -> Response {
    let (status, body) = match fault {
        Fault::TransactionConflict => (StatusCode::BAD_REQUEST, conflict(request)),
        Fault::ItemConflict => {
            let message = "Transaction is ongoing for the item";
            (StatusCode::BAD_REQUEST, error("TransactionConflictException", message))
        }
        Fault::Throttled => {
            let message = "The level of configured provisioned throughput for the table was exceeded.";
            (StatusCode::BAD_REQUEST, error("ProvisionedThroughputExceededException", message))
        }
        Fault::AnsweredInPart => {
            (StatusCode::OK, json!({ "Responses": {}, "UnprocessedKeys": request["RequestItems"] }))
        }
    };
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(body.to_string())).expect("it is valid")
}

fn error(code: &str, message: &str) -> Value {
    json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message })
}

/// The first item met another transaction, the others were not looked at.
fn conflict(request: &Value) -> Value {
    let items = request["TransactItems"].as_array().expect("a transaction has items").len();
    let reason = |at| match at {
        0 => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
        _ => json!({ "Code": "None" }),
    };
    let reasons: Vec<Value> = (0..items).map(reason).collect();
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    let mut body = error("TransactionCanceledException", message);
    body["CancellationReasons"] = Value::Array(reasons);
    body
}
