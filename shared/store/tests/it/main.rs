//! The store against a real engine: `dynoxide` in this process, or the one at `SLIPWAY_DYNAMODB_ENDPOINT`.

mod applying;
mod credentials;
mod engine;
mod faults;
mod idempotency;
mod installation;
mod logs;
mod making;
mod ordering;
mod pointer;
mod projects;
mod requests;
mod sign_in;
mod slugs;
mod template;
mod triggers;
mod users;
mod variables;
mod webhooks;
mod wire;
