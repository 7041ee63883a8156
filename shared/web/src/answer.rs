//! How projects and deployments look in answers, the same wherever they appear.

mod deployment;
mod project;

pub use deployment::DeploymentAnswer;
pub use project::ProjectAnswer;
