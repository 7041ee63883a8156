//! Serves the deployments' sites. See the library.

use site::{Config, Site};
use web::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let environment = Environment::capture();
    web::telemetry::start(&environment);
    let config = Config::from_env(&environment)?;
    let artifacts = artifacts::Artifacts::new(&web::aws::sdk_config(&environment)?, config.bucket);
    let router = site::router(Site::new(artifacts, config.manifests));
    match config.listen {
        Some(address) => Ok(site::listen(router, address).await?),
        None => lambda_http::run_with_streaming_response(router).await,
    }
}
