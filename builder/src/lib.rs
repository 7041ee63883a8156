//! What a build task runs: clone, install, build, hash, upload; it talks to Slipway's API and to nothing else of ours.
//!
//! The repository's own commands run in a [`jail`]: another uid, a clean environment, no sight of this process. When the
//! last of them has ended and every process of the jail is dead, the output is read without trusting a single name in it.
//!
//! Threads and blocking calls instead of an async runtime: a build is one child process at a time, two hashing threads
//! and eight uploads, and `ureq` is all the HTTP client that this needs.

pub mod api;
pub mod clone;
pub mod config;
pub mod flow;
pub mod http;
pub mod jail;
pub mod log;
pub mod output;
pub mod plan;
pub mod token;
pub mod upload;
