//! The rules, held against generated input: whatever arrives, in whatever order.

mod creator;
mod exit;
mod git_refs;
mod history;
mod making;
mod manifest;
mod order;
mod parsers;
mod pointer;
mod started_by;
mod throttle;
mod variables;
mod webhook;
