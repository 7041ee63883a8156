//! Empty tables, and the store upon them.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use store::{Deployments, Idempotency, Projects, Users};

use crate::wire::Wire;
use crate::{engine, template};

/// An installation's tables, of which each test has its own.
pub struct Installation {
    pub users: Users,
    pub projects: Projects,
    pub deployments: Deployments,
    pub idempotency: Idempotency,
    client: Client,
    deployments_table: String,
    pub wire: Wire,
}

impl Installation {
    pub async fn new() -> Self {
        let (wire, address) = Wire::before(engine::endpoint().await).await;
        let config = engine::sdk_config(&address);
        let client = Client::new(&config);
        let prefix = engine::prefix();
        for (name, properties) in template::tables() {
            engine::create_table(&client, &format!("{prefix}-{name}"), &properties).await;
        }
        wire.operations();
        let named = |table: &str| format!("{prefix}-{table}");
        Self {
            users: Users::new(&config, named("UsersTable")),
            projects: Projects::new(&config, named("ProjectsTable")),
            deployments: Deployments::new(&config, named("DeploymentsTable")),
            idempotency: Idempotency::new(&config, named("ProjectsTable")),
            client,
            deployments_table: named("DeploymentsTable"),
            wire,
        }
    }

    /// The item that holds a project's order, as it is.
    pub async fn order(&self, project: domain::ProjectId) -> HashMap<String, AttributeValue> {
        let key = [("pk", format!("PROJECT#{project}")), ("sk", "ORDER".to_owned())];
        let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).into();
        let request = self.client.get_item().table_name(&self.deployments_table).set_key(Some(key));
        request.send().await.unwrap().item.unwrap()
    }

    /// Puts an order in the place of the present one.
    pub async fn put_order(&self, order: HashMap<String, AttributeValue>) {
        let request = self.client.put_item().table_name(&self.deployments_table).set_item(Some(order));
        request.send().await.unwrap();
    }
}
