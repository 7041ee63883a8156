//! The laptop platform: reads `template.yaml` and runs the same function binaries as AWS would.
//!
//! One process, three kinds of listeners, all on loopback: the public one (HTTP API and sites, told apart by host), the
//! AWS one (every AWS API, function URLs, `/_local/`), and one Lambda Runtime API per function process. State lives in
//! one folder and survives `kill -9`. The crate depends on nothing else in this repository: it knows the template and
//! AWS wire formats only, so that it cannot share Slipway's bugs.

pub mod aws;
pub mod aws_endpoint;
pub mod clock;
pub mod durable;
pub mod edge;
pub mod events;
pub mod front;
pub mod http_api;
pub mod lambda;
pub mod payload;
pub mod platform;
pub mod queues;
pub mod ssm;
pub mod template;
mod wire;
