//! The `edge-sync` function.

use edge_sync::{Config, State, hear};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = web::Environment::capture();
    web::telemetry::start(&environment);
    let config = Config::from_env(&environment)?;
    let state = &State::new(&config, &web::aws::sdk_config(&environment)?, web::clock::now);
    web::listen(|event| hear(state, event)).await
}
