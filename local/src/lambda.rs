//! The Lambda service: pools of real processes, the Runtime API they poll, synchronous and asynchronous invocation.

pub mod answer;
pub mod background;
pub mod function_url;
pub mod invoke_api;
pub mod leftovers;
pub mod pool;
mod process;
mod runtime_api;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub use answer::{Answer, InvokeError};
pub use pool::{Environment, Pool};

/// Payload limit of a synchronous invocation, each way: 6 MB ("Lambda quotas").
pub const LARGEST_PAYLOAD: usize = 6 * 1024 * 1024;
/// Payload limit of an asynchronous invocation: 1 MB ("Lambda quotas").
pub const LARGEST_EVENT: usize = 1024 * 1024;
/// Idle processes live this long.
const IDLE: Duration = Duration::from_secs(300);

/// All functions of the platform.
#[derive(Clone)]
pub struct Lambda {
    pools: Arc<BTreeMap<String, Arc<Pool>>>,
}

impl Lambda {
    /// Joins the pools and starts to reap idle processes.
    pub fn new(pools: Vec<Arc<Pool>>) -> Self {
        let pools = pools.into_iter().map(|pool| (pool.function.id.clone(), pool)).collect();
        let lambda = Self { pools: Arc::new(pools) };
        let reaped = lambda.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(IDLE / 10);
            loop {
                ticks.tick().await;
                reaped.pools.values().for_each(|pool| pool.reap(IDLE));
            }
        });
        lambda
    }

    /// The pool of the function with this logical id, name or ARN.
    pub fn find(&self, name: &str) -> Option<&Arc<Pool>> {
        let name = name.rsplit(":function:").next().unwrap_or(name);
        let name = name.split(':').next().unwrap_or(name);
        self.pools.get(name).or_else(|| self.pools.values().find(|pool| pool.function.name == name))
    }

    /// All pools.
    pub fn pools(&self) -> impl Iterator<Item = &Arc<Pool>> {
        self.pools.values()
    }

    /// Ends every process.
    pub async fn shutdown(&self) {
        for pool in self.pools.values() {
            pool.shutdown().await;
        }
    }
}
