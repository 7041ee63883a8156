use serde_json::{Value, json};

use crate::world::World;

fn put(key: &str) -> Value {
    json!({
        "do": "aws",
        "service": "dynamodb",
        "target": "DynamoDB_20120810.PutItem",
        "input": { "TableName": "slipway-things", "Item": { "pk": { "S": key } } },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_aws_call_is_recorded_with_its_function() {
    let world = World::start().await;
    let answer = world.invoke("EchoFunction", "RequestResponse", &put("a")).await.json();
    assert_eq!(answer["status"], 200, "{answer}");
    let calls = world.local("GET", "/_local/calls?since=0", &json!({})).await;
    let call = calls["calls"].as_array().unwrap().iter().find(|call| call["service"] == "dynamodb").unwrap().clone();
    assert_eq!(call["function"], "EchoFunction");
    assert_eq!(call["action"], "PutItem");
    assert_eq!(call["resource"], "slipway-things");
    assert_eq!(call["status"], 200);
    assert!(call["request_bytes"].as_u64().unwrap() > 10);
    let file = std::fs::read_to_string(world.folder.path().join("state/calls.jsonl")).unwrap();
    assert!(file.lines().any(|line| serde_json::from_str::<Value>(line).unwrap() == call));
    let next = calls["next"].as_u64().unwrap();
    let later = world.local("GET", &format!("/_local/calls?since={next}"), &json!({})).await;
    assert_eq!(later["calls"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_injected_in_the_services_own_shape() {
    let world = World::start().await;
    let fault = json!({
        "service": "dynamodb", "action": "PutItem", "function": "EchoFunction", "status": 400,
        "code": "TransactionCanceledException", "count": 1, "body": { "CancellationReasons": [{ "Code": "TransactionConflict" }] },
    });
    world.local("POST", "/_local/faults", &fault).await;
    let answer = world.invoke("EchoFunction", "RequestResponse", &put("a")).await.json();
    assert_eq!(answer["status"], 400);
    assert_eq!(answer["body"]["__type"], "com.amazonaws.dynamodb.v20120810#TransactionCanceledException");
    assert_eq!(answer["body"]["CancellationReasons"][0]["Code"], "TransactionConflict");
    assert_eq!(world.invoke("EchoFunction", "RequestResponse", &put("a")).await.json()["status"], 200);
    let wrong = world.local("POST", "/_local/faults", &json!({ "service": "dynamodb" })).await;
    assert!(wrong["message"].as_str().unwrap().contains("a fault is"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_leaves_the_write_in_place() {
    let world = World::start().await;
    let fault = json!({ "service": "dynamodb", "action": "PutItem", "status": 500, "code": "InternalServerError", "count": 1, "after": true });
    world.local("POST", "/_local/faults", &fault).await;
    assert_eq!(world.invoke("EchoFunction", "RequestResponse", &put("lost")).await.json()["status"], 500);
    let get = json!({
        "do": "aws", "service": "dynamodb", "target": "DynamoDB_20120810.GetItem",
        "input": { "TableName": "slipway-things", "Key": { "pk": { "S": "lost" } } },
    });
    let answer = world.invoke("EchoFunction", "RequestResponse", &get).await.json();
    assert_eq!(answer["body"]["Item"]["pk"]["S"], "lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_lists_routes_functions_and_queues() {
    let world = World::start().await;
    let state = world.local("GET", "/_local/state", &json!({})).await;
    let route = state["routes"].as_array().unwrap().iter().find(|route| route["route"] == "ANY /things/{id}").unwrap();
    assert_eq!(route, &json!({ "route": "ANY /things/{id}", "function": "EchoFunction", "authorizer": "Token" }));
    assert_eq!(state["queues"][0], json!({ "name": "slipway-dead", "visible": 0, "hidden": 0 }));
    assert_eq!(state["outputs"]["Endpoint"], format!("http://{}", world.public));
    assert_eq!(world.local("GET", "/_local/health", &json!({})).await, json!({ "status": "ready" }));
}
