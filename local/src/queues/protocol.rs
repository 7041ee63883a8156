//! The SQS JSON protocol.

use std::io;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{Queues, Shelf};
use crate::template::ACCOUNT;
use crate::wire;

/// SQS takes 1 MiB.
const LARGEST: usize = 2 << 20;
/// The longest that `ReceiveMessage` waits.
const LONGEST_POLL: u64 = 20;

impl Queues {
    /// Answers one request of the JSON protocol.
    pub async fn handle(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost").to_owned();
        let operation = wire::operation(&parts.headers).unwrap_or_default().to_owned();
        let input = match wire::body(body, LARGEST).await.map(|body| serde_json::from_slice::<Value>(&body)) {
            Some(Ok(input)) => input,
            _ => return wire::error(StatusCode::BAD_REQUEST, "InvalidParameterValue", "the body is not JSON"),
        };
        if operation == "ListQueues" {
            let urls: Vec<String> = self.queues.keys().map(|name| format!("http://{host}/{ACCOUNT}/{name}")).collect();
            return answer(json!({ "QueueUrls": urls }));
        }
        let name = input["QueueUrl"].as_str().or_else(|| input["QueueName"].as_str()).unwrap_or_default();
        let Some(shelf) = self.shelf(name) else {
            let code = "com.amazonaws.sqs#QueueDoesNotExist";
            return wire::error(StatusCode::BAD_REQUEST, code, "The specified queue does not exist.");
        };
        let outcome = match operation.as_str() {
            "GetQueueUrl" => Ok(json!({ "QueueUrl": format!("http://{host}/{ACCOUNT}/{name}") })),
            "SendMessage" => self.send_message(name, &input),
            "ReceiveMessage" => Ok(shelf.receive_message(&input).await),
            "DeleteMessage" => shelf.delete(input["ReceiptHandle"].as_str().unwrap_or_default()).map(|()| json!({})),
            "PurgeQueue" => shelf.purge().map(|()| json!({})),
            "GetQueueAttributes" => Ok(shelf.attributes(name)),
            "ChangeMessageVisibility" => {
                let seconds = input["VisibilityTimeout"].as_u64().unwrap_or(0);
                shelf.change_visibility(
                    input["ReceiptHandle"].as_str().unwrap_or_default(),
                    Duration::from_secs(seconds),
                );
                Ok(json!({}))
            }
            other => {
                let message = format!("the laptop platform does not support SQS {other}");
                return wire::error(StatusCode::BAD_REQUEST, "UnsupportedOperation", &message);
            }
        };
        outcome.map_or_else(
            |error| wire::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", &error.to_string()),
            answer,
        )
    }

    fn send_message(&self, queue: &str, input: &Value) -> io::Result<Value> {
        let body = input["MessageBody"].as_str().unwrap_or_default();
        let message = self.send(queue, body, input["MessageAttributes"].clone())?;
        Ok(json!({ "MessageId": message.id, "MD5OfMessageBody": digest(body) }))
    }
}

impl Shelf {
    async fn receive_message(&self, input: &Value) -> Value {
        let most = input["MaxNumberOfMessages"].as_u64().unwrap_or(1).clamp(1, 10) as usize;
        let visibility = input["VisibilityTimeout"].as_u64().map_or(self.visibility, Duration::from_secs);
        let wait = Duration::from_secs(input["WaitTimeSeconds"].as_u64().unwrap_or(0).min(LONGEST_POLL));
        let deadline = Instant::now() + wait;
        loop {
            let arrived = self.arrived.notified();
            let received = self.receive(most, visibility);
            if received.is_empty() && tokio::time::timeout_at(deadline.into(), arrived).await.is_ok() {
                continue;
            }
            let messages = received.into_iter().map(|received| {
                let mut message = json!({
                    "MessageId": received.message.id,
                    "ReceiptHandle": received.handle,
                    "MD5OfBody": digest(&received.message.body),
                    "Body": received.message.body,
                    "Attributes": {
                        "SentTimestamp": received.message.sent.to_string(),
                        "ApproximateReceiveCount": received.count.to_string(),
                    },
                });
                if received.message.attributes.is_object() {
                    message["MessageAttributes"] = received.message.attributes;
                }
                message
            });
            return json!({ "Messages": messages.collect::<Vec<_>>() });
        }
    }

    fn attributes(&self, name: &str) -> Value {
        let (visible, hidden) = self.depth();
        let name = name.rsplit('/').next().unwrap_or(name);
        json!({ "Attributes": {
            "QueueArn": format!("arn:aws:sqs:{}:{ACCOUNT}:{name}", crate::template::REGION),
            "ApproximateNumberOfMessages": visible.to_string(),
            "ApproximateNumberOfMessagesNotVisible": hidden.to_string(),
            "VisibilityTimeout": self.visibility.as_secs().to_string(),
        }})
    }
}

fn answer(body: Value) -> Response {
    wire::json_as(StatusCode::OK, "application/x-amz-json-1.0", &body)
}

fn digest(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}
