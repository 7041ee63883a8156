//! DynamoDB: the `dynoxide` engine on a SQLite file, called in-process.
//!
//! Its HTTP server is not used: it would be a port on which any process of the machine, a build of foreign code
//! included, could read every table without a signature and without being recorded.

mod operations;
mod tables;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use axum::extract::Request;
use axum::response::Response;
use dynoxide::Database;
use http::StatusCode;
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{Error, reply};

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// The tables of one installation.
#[derive(Clone)]
pub struct DynamoDb {
    database: Database,
}

impl DynamoDb {
    /// Opens the database in `dir` and creates the tables that are missing, from the resolved CloudFormation
    /// `Properties` of each. Expired items are swept now: the engine does not do it by itself, AWS within days.
    ///
    /// # Errors
    /// When a table exists with another schema, or the file cannot be opened.
    pub fn open(dir: &Path, tables: &[Value]) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::file("create", dir))?;
        let path = dir.join("dynamodb.sqlite");
        let refused = |error: dynoxide::DynoxideError| Error::Engine {
            what: format!("the database {}", path.display()),
            reason: error.to_string(),
        };
        let database = Database::new(&path.to_string_lossy()).map_err(refused)?;
        for properties in tables {
            tables::create(&database, properties, &path)?;
        }
        database.sweep_ttl().map_err(refused)?;
        Ok(Self { database })
    }

    /// Answers one request of the DynamoDB JSON protocol.
    pub async fn handle(&self, request: Request) -> Response {
        let Some(operation) = reply::operation(&request, "DynamoDB_20120810.") else {
            return unknown();
        };
        let Some(body) = reply::body(request).await else {
            return reply::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                CONTENT_TYPE,
                "com.amazon.coral.service#RequestEntityTooLargeException",
                "the request is longer than 16 MB",
            );
        };
        let database = self.database.clone();
        let answer = spawn_blocking(move || operations::run(&database, &operation, &body)).await;
        match answer {
            Ok(Some(Ok(json))) => reply::json(StatusCode::OK, CONTENT_TYPE, json),
            Ok(Some(Err(error))) => {
                let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
                reply::json(status, CONTENT_TYPE, error.to_json())
            }
            Ok(None) => unknown(),
            Err(error) => {
                tracing::error!(%error, "a DynamoDB request could not be answered");
                reply::error(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    CONTENT_TYPE,
                    "com.amazonaws.dynamodb.v20120810#InternalServerError",
                    "the request could not be answered",
                )
            }
        }
    }
}

fn unknown() -> Response {
    let code = "com.amazon.coral.service#UnknownOperationException";
    reply::error(StatusCode::BAD_REQUEST, CONTENT_TYPE, code, "the operation is not one of DynamoDB's")
}
