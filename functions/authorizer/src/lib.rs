//! Who a token belongs to: the Lambda authorizer of the HTTP API (payload 2.0, simple responses).
//!
//! One read per request and nothing kept: a revoked token is refused on the very next request.

mod config;

use std::collections::HashMap;

use aws_types::SdkConfig;
use domain::{Error, Sha256};
use serde::{Deserialize, Serialize};
use store::Users;
use web::clock::Clock;

pub use config::Config;

/// What an invocation needs.
#[derive(Clone)]
pub struct State {
    users: Users,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> Self {
        Self { users: Users::new(aws, config.users_table.clone()), clock }
    }
}

/// What API Gateway asks; everything else in the event is not looked at.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// The headers of the request, names in lower case.
    #[serde(default)]
    pub headers: HashMap<String, String>,
}

/// What API Gateway is told.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Whether the request may pass.
    pub is_authorized: bool,
    /// Given to the function behind the route as `requestContext.authorizer.lambda`.
    pub context: HashMap<&'static str, String>,
}

/// Answers for one request. An error makes API Gateway refuse with 500: nobody passes while the table cannot be read.
pub async fn authorize(state: &State, request: Request) -> Result<Answer, Error> {
    let refused = Answer { is_authorized: false, context: HashMap::new() };
    let header = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let Some(token) = header.and_then(|(_, value)| bearer(value)) else { return Ok(refused) };
    let found = state.users.credential(Sha256::of(token.as_bytes()), (state.clock)()).await?;
    let Some(credential) = found else { return Ok(refused) };
    let context = HashMap::from([
        ("user", credential.user.to_string()),
        ("credential", credential.id.to_string()),
        ("platform_owner", credential.platform_owner.to_string()),
    ]);
    Ok(Answer { is_authorized: true, context })
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
