//! Slipway's rules, and nothing else: no I/O, no async, no clock, no AWS type.
//!
//! Everything that enters Slipway is parsed here once ([`Slug`], [`RepositoryUrl`], [`FilePath`] …) and is valid from
//! then on. [`Deployment::apply`] holds every rule of a deployment's life; [`manifest`] and [`upload`] are the formats
//! that the builder, the API and the site share.

mod branch;
mod commit;
mod creator;
pub mod deployment;
mod email;
mod environment;
mod error;
mod file_path;
pub mod git_refs;
mod id;
pub mod log;
mod login;
pub mod manifest;
pub mod order;
mod password;
pub mod project;
mod repository;
pub mod secret;
mod sha256;
mod slug;
pub mod text;
pub mod throttle;
mod timestamp;
pub mod upload;
pub mod user;
pub mod variables;
pub mod webhook;

pub use branch::Branch;
pub use commit::Commit;
pub use creator::Creator;
pub use deployment::{Deployment, Outcome, Signal, Status};
pub use email::Email;
pub use environment::Environment;
pub use error::Error;
pub use file_path::FilePath;
pub use id::{DeploymentId, ProjectId, TokenId, UserId};
pub use login::Login;
pub use manifest::Manifest;
pub use order::Order;
pub use password::Password;
pub use project::Project;
pub use repository::{RepositoryPolicy, RepositoryUrl};
pub use sha256::Sha256;
pub use slug::Slug;
pub use timestamp::Timestamp;
pub use user::User;
pub use webhook::Webhook;
