//! Every key format of every table. docs/data-model.md shows them with their access patterns.

use domain::{Commit, DeploymentId, Environment, ProjectId, Sha256, Slug, TokenId, UserId};

/// A partition and a sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub pk: String,
    pub sk: String,
}

fn key(pk: impl Into<String>, sk: impl Into<String>) -> Key {
    Key { pk: pk.into(), sk: sk.into() }
}

// ---- any table

/// What was answered to a request; `name` is a hash of who asked and of the key it came with.
pub(crate) fn idempotency(name: Sha256) -> Key {
    key(format!("IDEMPOTENCY#{name}"), "IDEMPOTENCY")
}

// ---- users table

pub(crate) fn user(user: UserId) -> Key {
    key(format!("USER#{user}"), "USER")
}

/// Reserves an e-mail address and holds its password's hash. Keyed by the address's hash, so that keys hold no address.
pub(crate) fn email(email: Sha256) -> Key {
    key(format!("EMAIL#{email}"), "EMAIL")
}

/// What a request's token is looked up by.
pub(crate) fn credential(token: Sha256) -> Key {
    key(format!("CREDENTIAL#{token}"), "CREDENTIAL")
}

/// The same credential among its user's own, for listing and revoking.
pub(crate) fn user_credential(user: UserId, id: TokenId) -> Key {
    key(format!("USER#{user}"), format!("CREDENTIAL#{id}"))
}

pub(crate) const USER_CREDENTIALS: &str = "CREDENTIAL#";

/// The installation's own settings: who owns it, whether sign-up is open.
pub(crate) fn installation() -> Key {
    key("INSTALLATION", "INSTALLATION")
}

/// Of an account in the users table, of a project's member in the projects table.
pub(crate) fn invitation(code: Sha256) -> Key {
    key(format!("INVITATION#{code}"), "INVITATION")
}

/// Failed sign-ins within one window of time. `who` is a hash, never an address.
pub(crate) fn throttle(who: Sha256, window: i64) -> Key {
    key(format!("THROTTLE#{who}"), format!("WINDOW#{window}"))
}

/// An address from which an account was signed in to before.
pub(crate) fn known_address(who: Sha256) -> Key {
    key(format!("KNOWN#{who}"), "KNOWN")
}

// ---- projects table

pub(crate) fn project(project: ProjectId) -> Key {
    key(format!("PROJECT#{project}"), "PROJECT")
}

pub(crate) fn slug(slug: &Slug) -> Key {
    key(format!("SLUG#{slug}"), "SLUG")
}

pub(crate) fn member(project: ProjectId, user: UserId) -> Key {
    key(format!("PROJECT#{project}"), format!("MEMBER#{user}"))
}

pub(crate) const MEMBERS: &str = "MEMBER#";

/// The variables that a project gives to its builds.
pub(crate) fn variables(project: ProjectId) -> Key {
    key(format!("PROJECT#{project}"), "VARIABLES")
}

/// A project in its member's own list.
pub(crate) fn membership(user: UserId, project: ProjectId) -> Key {
    key(format!("USER#{user}"), format!("PROJECT#{project}"))
}

/// Which secret counts of a project's webhook, and which repository it is of.
pub(crate) fn webhook(project: ProjectId) -> Key {
    key(format!("PROJECT#{project}"), "WEBHOOK")
}

pub(crate) fn memberships(user: UserId) -> String {
    format!("USER#{user}")
}

pub(crate) const MEMBERSHIPS: &str = "PROJECT#";

// ---- deployments table

pub(crate) fn deployment(project: ProjectId, deployment: DeploymentId) -> Key {
    key(deployments(project), format!("DEPLOYMENT#{deployment}"))
}

pub(crate) fn deployments(project: ProjectId) -> String {
    format!("PROJECT#{project}")
}

pub(crate) const DEPLOYMENTS: &str = "DEPLOYMENT#";

pub(crate) fn order(project: ProjectId) -> Key {
    key(deployments(project), "ORDER")
}

/// What makes a trigger idempotent.
pub(crate) fn request(project: ProjectId, commit: &Commit, environment: Environment) -> Key {
    key(deployments(project), format!("REQUEST#{environment}#{commit}"))
}

pub(crate) fn log(deployment: DeploymentId) -> String {
    format!("LOG#{deployment}")
}

pub(crate) fn log_chunk(deployment: DeploymentId, number: u32) -> Key {
    key(log(deployment), log_chunk_sort(number))
}

pub(crate) fn log_chunk_sort(number: u32) -> String {
    format!("CHUNK#{number:08}")
}

/// How much of a deployment's upload is verified.
pub(crate) fn upload(deployment: DeploymentId) -> Key {
    key(log(deployment), "UPLOAD")
}
