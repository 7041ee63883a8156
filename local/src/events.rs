//! EventBridge: rules, schedules and PutEvents, with at-least-once delivery to functions.

pub mod bus;
pub mod matcher;
pub mod pattern;
pub mod schedule;
