//! A DynamoDB engine and its tables.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::BehaviorVersion;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableStatus,
};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::Value;
use tokio::net::TcpListener;

/// The address of an engine: a new, empty one in this process unless the environment names another.
pub async fn endpoint() -> String {
    #[expect(clippy::disallowed_methods, reason = "a test binary has no main of its own to read the environment in")]
    if let Ok(endpoint) = std::env::var("SLIPWAY_DYNAMODB_ENDPOINT") {
        return endpoint;
    }
    let database = dynoxide::Database::memory().expect("memory needs no file");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    format!("http://{address}")
}

/// What names the tables of one test, among those of others in the same engine.
pub fn prefix() -> String {
    format!("slipway-test-{:016x}", RandomState::new().hash_one(()))
}

/// How functions configure their clients (`web::aws`), but for TLS and the credentials.
pub fn sdk_config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("key", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .build()
}

/// Creates a table of these CloudFormation properties.
pub async fn create_table(client: &Client, name: &str, properties: &Value) {
    let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for attribute in list(&properties["AttributeDefinitions"]) {
        let definition = AttributeDefinition::builder()
            .attribute_name(text(&attribute["AttributeName"]))
            .attribute_type(ScalarAttributeType::from(text(&attribute["AttributeType"])));
        request = request.attribute_definitions(definition.build().expect("it is complete"));
    }
    for key in keys(&properties["KeySchema"]) {
        request = request.key_schema(key);
    }
    for index in properties["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
        let projection = ProjectionType::from(text(&index["Projection"]["ProjectionType"]));
        let index = GlobalSecondaryIndex::builder()
            .index_name(text(&index["IndexName"]))
            .set_key_schema(Some(keys(&index["KeySchema"])))
            .projection(Projection::builder().projection_type(projection).build());
        request = request.global_secondary_indexes(index.build().expect("it is complete"));
    }
    request.send().await.expect("the engine makes the table");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !is_active(client, name).await {
        assert!(tokio::time::Instant::now() < deadline, "the table {name} did not become active within a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn is_active(client: &Client, name: &str) -> bool {
    let described = client.describe_table().table_name(name).send().await.expect("the table was just made");
    described.table().and_then(|table| table.table_status()) == Some(&TableStatus::Active)
}

fn keys(schema: &Value) -> Vec<KeySchemaElement> {
    let key = |key: &Value| {
        let element = KeySchemaElement::builder().attribute_name(text(&key["AttributeName"]));
        element.key_type(KeyType::from(text(&key["KeyType"]))).build().expect("it is complete")
    };
    list(schema).iter().map(key).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("the template has a list here")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("the template has a text here")
}
