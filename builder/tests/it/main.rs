//! The builder against a Git server, an API and a bucket of this test's own, on loopback.

mod clone;
mod deploy;
mod examples;
mod fake_api;
mod git_server;
mod jail;
mod output;
mod place;
mod protocol;
