//! The one listener of all AWS APIs: finds the service, injects faults, records the call, passes it on.

mod admin;
mod dispatch;
mod faults;
mod recorder;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;

use crate::aws::dynamodb::DynamoDb;
use crate::aws::ecs::Ecs;
use crate::aws::keyvalue::KeyValueStores;
use crate::aws::s3::S3;
use crate::events::bus::Bus;
use crate::http_api::Gateway;
use crate::lambda::background::Background;
use crate::lambda::{Lambda, function_url, invoke_api};
use crate::queues::Queues;
use crate::ssm::Parameters;
use crate::wire;
use dispatch::{Call, Service};
pub use faults::Faults;
pub use recorder::Recorder;

/// The largest request this endpoint reads into memory; DynamoDB's limit is the highest of the JSON services.
const LARGEST: usize = 16 * 1024 * 1024;

/// Everything behind the AWS listener.
#[derive(Clone)]
pub struct Endpoint {
    /// What is behind it.
    pub services: Arc<Services>,
}

/// The services.
pub struct Services {
    /// DynamoDB.
    pub dynamodb: DynamoDb,
    /// S3.
    pub s3: S3,
    /// ECS.
    pub ecs: Ecs,
    /// CloudFront KeyValueStore.
    pub key_values: KeyValueStores,
    /// Lambda.
    pub lambda: Lambda,
    /// Asynchronous invocations.
    pub background: Background,
    /// EventBridge.
    pub bus: Bus,
    /// SQS.
    pub queues: Queues,
    /// SSM parameters.
    pub parameters: Parameters,
    /// The HTTP API, for `/_local/state`.
    pub gateway: Gateway,
    /// The template's outputs, for `/_local/state`.
    pub outputs: std::collections::BTreeMap<String, String>,
    /// Injected faults.
    pub faults: Faults,
    /// Recorded calls.
    pub recorder: Recorder,
}

impl Endpoint {
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        let services = &self.services;
        // Programs call these; a page of some site in this machine's browser must not.
        if request.headers().contains_key("origin") {
            return wire::error(StatusCode::FORBIDDEN, "AccessDenied", "these addresses are not for browsers");
        }
        if request.uri().path().starts_with("/_local/") {
            return admin::handle(services, request).await;
        }
        let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
        if host.contains(".lambda-url.") {
            return match services.lambda.by_url(host).cloned() {
                Some(pool) => function_url::handle(&pool, request).await,
                None => wire::json(StatusCode::NOT_FOUND, &serde_json::json!({ "Message": "Not Found" })),
            };
        }
        let (parts, body) = request.into_parts();
        let Some(service) = dispatch::service(&parts) else {
            let message = "the laptop platform hosts dynamodb, s3, lambda, events, sqs, ssm, ecs and cloudfront-keyvaluestore only";
            return wire::error(StatusCode::NOT_IMPLEMENTED, "UnknownService", message);
        };
        let (call, body) = match service {
            // Objects are streamed, and all that the record wants is in the path.
            Service::S3 => (Call::of_s3(&parts), body),
            _ => match wire::body(body, LARGEST).await {
                Some(bytes) => (Call::of_json(service, &parts, &bytes), Body::from(bytes)),
                None => {
                    return wire::error(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLarge", "the request is too large");
                }
            },
        };
        let fault = services.faults.take(&call);
        let response = match fault {
            Some(fault) if !fault.after => fault.response(service),
            fault => {
                let answered = services.pass(service, Request::from_parts(parts, body)).await;
                fault.map_or(answered, |fault| fault.response(service))
            }
        };
        services.recorder.record(call, response)
    }
}

impl Services {
    async fn pass(&self, service: Service, request: Request) -> Response {
        match service {
            Service::DynamoDb => self.dynamodb.handle(request).await,
            Service::S3 => self.s3.handle(request).await,
            Service::Ecs => self.ecs.handle(request).await,
            Service::KeyValueStore => self.key_values.handle(request).await,
            Service::Lambda => invoke_api::handle(&self.lambda, &self.background, request).await,
            Service::Events => self.bus.handle(request).await,
            Service::Sqs => self.queues.handle(request).await,
            Service::Ssm => self.parameters.handle(request).await,
        }
    }
}
