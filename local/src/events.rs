//! EventBridge: patterns, schedules, the bus.

pub mod matcher;
pub mod pattern;
pub mod schedule;
