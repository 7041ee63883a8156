//! The `webhooks` function.

use webhooks::{Config, State};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = web::Environment::capture();
    web::telemetry::start(&environment);
    let config = Config::from_env(&environment)?;
    let state = State::new(&config, &web::aws::sdk_config(&environment)?, web::clock::now)?;
    web::run(webhooks::router(state)).await
}
