//! A back end behind a real port, for the SDK clients in tests.

use std::future::Future;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;

/// Serves `answer` on a free port until the test's runtime ends; gives its address.
pub async fn serve<Answer, Answering>(answer: Answer) -> String
where
    Answer: Fn(Request) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Response> + Send + 'static,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}

/// What an SDK client needs to speak to `endpoint`. Without retries: a test wants to see each answer.
pub fn sdk(endpoint: &str, key: &str, secret: &str) -> SdkConfig {
    let credentials = Credentials::new(key, secret, None, None, "test");
    SdkConfig::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(Builder::new().build_http())
        .build()
}

/// Asks again and again until there is an answer; panics after ten seconds.
pub async fn eventually<T, Asking: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> Asking) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "{what} did not happen within ten seconds");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
