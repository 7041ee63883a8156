//! Empty tables, and the store upon them.

use aws_sdk_dynamodb::Client;
use store::{Deployments, Projects, Users};

use crate::wire::Wire;
use crate::{engine, template};

/// An installation's tables, of which each test has its own.
pub struct Installation {
    pub users: Users,
    pub projects: Projects,
    pub deployments: Deployments,
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
            wire,
        }
    }
}
