//! Configuration of the AWS clients, without `aws-config`: Lambda always has credentials and region in the environment,
//! and the crates that could find them elsewhere would cost every cold start (bench/RESULTS.md).

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::Environment;

/// All that a connection to AWS may be vouched for by. Reading the system's some 150 roots instead of these 5 would be a
/// sixth of a cold start's CPU time.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// What every AWS client of a function is built from. Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, which Lambda sets; `AWS_ENDPOINT_URL` for another AWS than Amazon's; and
/// `AWS_CA_BUNDLE`, a PEM file to trust instead of Amazon's own roots, for who sits behind an inspecting proxy.
pub fn sdk_config(environment: &Environment) -> Result<SdkConfig, crate::Missing> {
    let credentials = Credentials::new(
        environment.required("AWS_ACCESS_KEY_ID")?,
        environment.required("AWS_SECRET_ACCESS_KEY")?,
        environment.optional("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    );
    let roots = match environment.file("AWS_CA_BUNDLE")? {
        Some(bundle) => bundle,
        None => AMAZON_ROOTS.to_vec(),
    };
    let trust = TrustStore::empty().with_pem_certificate(roots);
    let tls = TlsContext::builder().with_trust_store(trust).build().expect("a trust store is all it needs");
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https();
    // Three tries within a few seconds: a caller waits at most half a minute, and events are delivered again anyway.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(8))
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(environment.required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts);
    if let Some(endpoint) = environment.optional("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(endpoint);
    }
    Ok(config.build())
}
