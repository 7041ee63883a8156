use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_reaches_the_functions_whose_rule_matches() {
    let world = World::start().await;
    let entry = |source: &str, detail: &str| json!({ "Source": source, "DetailType": "Thing", "Detail": detail });
    let input = json!({ "Entries": [
        entry("slipway", r#"{"do":"note","n":1}"#),
        entry("slipway", r#"{"n":2}"#),
        entry("other", r#"{"do":"note","n":3}"#),
        entry("aws.ecs", r#"{"do":"note","n":4}"#),
        entry("slipway", "not json"),
    ]});
    let answer = world.target("AWSEvents.PutEvents", &input).await.json();
    assert_eq!(answer["FailedEntryCount"], 2);
    assert_eq!(answer["Entries"][3]["ErrorCode"], "NotAuthorizedForSourceException");
    assert_eq!(answer["Entries"][4]["ErrorCode"], "MalformedDetail");
    let envelope =
        json!({ "source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": { "do": "note", "n": 5 } });
    assert_eq!(world.local("POST", "/_local/events", &envelope).await["matched"], 1);
    let mut noted: Vec<_> = world.notes(2).await.iter().map(|event| event["detail"]["n"].as_i64().unwrap()).collect();
    noted.sort_unstable();
    assert_eq!(noted, [1, 5]);
}
