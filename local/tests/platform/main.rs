//! The whole platform over its real listeners, with real processes: functions are a script that does what it is told.

mod aws;
mod durability;
mod events;
mod http_api;
mod lambda;
mod own_template;
mod sites;
mod world;
