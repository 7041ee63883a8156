//! Payload format 2.0: the event an HTTP API or function URL makes of a request, and the response it reads from the
//! function's answer.
//!
//! Source: "Create AWS Lambda proxy integrations for HTTP APIs", "Invoking Lambda function URLs".

pub mod answer;
pub mod event;
