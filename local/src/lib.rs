//! The laptop platform: reads `template.yaml` and runs the same function binaries as AWS would.

pub mod aws;
pub mod clock;
pub mod durable;
pub mod edge;
pub mod events;
pub mod template;
