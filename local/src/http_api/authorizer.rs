//! Lambda authorizers with simple responses.
//!
//! Source: "Control access to HTTP APIs with AWS Lambda authorizers".

use serde_json::{Value, json};

use crate::clock;
use crate::lambda::{Answer, Lambda};
use crate::payload::event::{Context, Incoming, request_context};
use crate::template::{ACCOUNT, Authorizer, REGION};

/// What an authorizer came to.
pub enum Decision {
    /// The request may pass; the context goes to the function.
    Allow(Option<Value>),
    /// An identity source is missing: the authorizer is not even called.
    NoIdentity,
    /// The authorizer said no.
    Deny,
    /// The authorizer failed or broke the format.
    Failed,
}

/// Asks an authorizer about a request.
pub async fn decide(authorizer: &Authorizer, lambda: &Lambda, incoming: &Incoming, context: &Context<'_>) -> Decision {
    let query = incoming.query_parameters();
    let headers = authorizer.headers.iter().map(|name| incoming.header(name));
    let parameters = authorizer.query.iter().map(|name| query.get(name).cloned());
    let identity: Option<Vec<String>> =
        headers.chain(parameters).map(|value| value.filter(|value| !value.is_empty())).collect();
    let Some(identity) = identity else { return Decision::NoIdentity };
    let Some(pool) = lambda.find(&authorizer.function_arn) else { return Decision::Failed };
    let event = event(incoming, context, &identity).to_string();
    let answer = match pool.invoke(&clock::request_id(), event.into()).await {
        Ok(Answer::Buffered(payload)) => serde_json::from_slice::<Value>(&payload).unwrap_or_default(),
        other => {
            tracing::warn!(authorizer = pool.function.id, ?other, "an authorizer failed");
            return Decision::Failed;
        }
    };
    match answer["isAuthorized"].as_bool() {
        Some(true) => Decision::Allow(answer.get("context").filter(|context| context.is_object()).cloned()),
        Some(false) => Decision::Deny,
        None => Decision::Failed,
    }
}

fn event(incoming: &Incoming, context: &Context<'_>, identity: &[String]) -> Value {
    let (headers, cookies) = incoming.headers_and_cookies();
    let mut event = json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": format!(
            "arn:aws:execute-api:{REGION}:{ACCOUNT}:{}/$default/{}{}",
            context.api_id, incoming.method, context.raw_path
        ),
        "identitySource": identity,
        "routeKey": context.route_key,
        "rawPath": context.raw_path,
        "rawQueryString": incoming.query,
        "headers": headers,
        "requestContext": request_context(incoming, context),
    });
    let query = incoming.query_parameters();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    if !context.path_parameters.is_empty() {
        event["pathParameters"] = json!(context.path_parameters);
    }
    event
}
