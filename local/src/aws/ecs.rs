//! ECS: tasks are processes of this machine.
//!
//! An image is an executable, a container is a process in a group of its own with a clean environment and an empty
//! working directory. Every change of a task is written down and then told as an `ECS Task State Change` event. No
//! process of a task outlives it, and no process that is not a task's is ever signalled.

mod census;
mod container;
mod definition;
mod ending;
mod ledger;
mod life;
mod operations;
mod process;
mod record;
mod run;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use super::{Error, reply};
use definition::TaskDefinition;
use ledger::Ledger;

/// What ECS needs to know.
pub struct Settings {
    /// Where records, logs and working directories live.
    pub dir: PathBuf,
    /// Names of the clusters.
    pub clusters: Vec<String>,
    /// Resolved CloudFormation `Properties` of each `AWS::ECS::TaskDefinition`.
    pub task_definitions: Vec<Value>,
    /// The executable that stands for each image.
    pub images: HashMap<String, PathBuf>,
    /// Region in ARNs and events.
    pub region: String,
    /// Account in ARNs and events: 12 digits.
    pub account: String,
    /// Variables that every container gets beside its own, for instance proxy, CA and registry settings. A container's
    /// own variables win.
    pub pass_environment: Vec<(String, String)>,
    /// Where events go, as whole EventBridge envelopes.
    pub events: UnboundedSender<Value>,
}

/// The clusters and tasks of one installation.
#[derive(Clone)]
pub struct Ecs {
    place: Arc<Place>,
}

/// What all parts of this back end share.
struct Place {
    settings: Settings,
    definitions: Vec<TaskDefinition>,
    ledger: Ledger,
}

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

impl Ecs {
    /// Reads the records in `dir`, ends what a previous run left running and reports it as stopped. Must be called
    /// within a Tokio runtime.
    ///
    /// # Errors
    /// When the directory cannot be written, or a task definition asks for something that is not supported here.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        for name in ["tasks", "logs", "work"] {
            let path = settings.dir.join(name);
            fs::create_dir_all(&path).map_err(Error::file("create", &path))?;
        }
        let definitions = settings.task_definitions.iter().map(TaskDefinition::read).collect::<Result<_, _>>()?;
        let ledger = Ledger::open(&settings.dir.join("tasks"), settings.events.clone())?;
        let place = Arc::new(Place { settings, definitions, ledger });
        ending::recover(&place)?;
        Ok(Self { place })
    }

    /// Answers one request of the ECS JSON protocol.
    pub async fn handle(&self, request: Request) -> Response {
        let operation = reply::operation(&request, "AmazonEC2ContainerServiceV20141113.").unwrap_or_default();
        let body = reply::body(request).await;
        let Some(input) = body.and_then(|body| reply::object(&body)) else {
            return wire::Refusal::new("SerializationException", "the body is not a JSON object").into();
        };
        let place = self.place.clone();
        // Records are synced to disk before an answer, which blocks.
        let answer = tokio::task::spawn_blocking(move || match operation.as_str() {
            "RunTask" => run::run_task(&place, input),
            "StopTask" => operations::stop_task(&place, input),
            "DescribeTasks" => operations::describe_tasks(&place, input),
            "ListTasks" => operations::list_tasks(&place, input),
            _ => Err(wire::Refusal::new("UnknownOperationException", &format!("{operation} is not supported here"))),
        })
        .await;
        match answer {
            Ok(Ok(answer)) => reply::json(StatusCode::OK, CONTENT_TYPE, answer.to_string()),
            Ok(Err(refusal)) => refusal.into(),
            Err(error) => {
                tracing::error!(%error, "an ECS request could not be answered");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                reply::error(status, CONTENT_TYPE, "ServerException", "the request could not be answered")
            }
        }
    }

    /// Ends all tasks: SIGTERM, a short grace, SIGKILL. Returns when no process of a task is left.
    pub async fn shutdown(&self) {
        ending::shutdown(&self.place).await;
    }
}
