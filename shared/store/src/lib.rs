//! The tables. The only crate that names DynamoDB.
//!
//! One struct per table ([`Users`], [`Projects`], [`Deployments`]), all key formats in one file (`keys`), no scan
//! anywhere. Every write is guarded: by absence for what is new, by `revision` for what was read before.

mod deployments;
mod idempotency;
mod item;
mod keys;
mod pause;
mod projects;
mod table;
mod transaction;
mod users;

pub use deployments::{Applied, CHUNKS_PER_ATTEMPT, Deployments, Triggered};
pub use idempotency::{Begun, Idempotency};
pub use projects::Projects;
pub use users::{Account, NewAccount, SignInAttempt, Users};
