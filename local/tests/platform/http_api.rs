use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_becomes_an_event_of_payload_format_two() {
    let world = World::start().await;
    let headers = [
        ("authorization", "good"),
        ("cookie", "a=1; b=2"),
        ("x-many", "1"),
        ("x-many", "2"),
        ("content-type", "application/json"),
    ];
    let answer = world.api("POST", "/things/a%20b?q=1&q=2&e=%2F", &headers, "{\"x\":1}").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    let mut event = answer.json();
    let context = event["requestContext"].take();
    for (pointer, expected) in [
        ("/version", json!("2.0")),
        ("/routeKey", json!("ANY /things/{id}")),
        ("/rawPath", json!("/things/a b")),
        ("/rawQueryString", json!("q=1&q=2&e=%2F")),
        ("/queryStringParameters", json!({ "q": "1,2", "e": "/" })),
        ("/pathParameters", json!({ "id": "a b" })),
        ("/cookies", json!(["a=1", "b=2"])),
        ("/headers/x-many", json!("1,2")),
        ("/body", json!("{\"x\":1}")),
        ("/isBase64Encoded", json!(false)),
    ] {
        assert_eq!(event.pointer(pointer), Some(&expected), "{pointer}");
    }
    assert!(event["headers"].get("cookie").is_none());
    assert_eq!(context["http"]["method"], "POST");
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["stage"], "$default");
    assert_eq!(context["accountId"], "000000000000");
    assert_eq!(context["authorizer"]["lambda"], json!({ "user": "u1", "route": "ANY /things/{id}" }));
    assert!(context["timeEpoch"].is_i64() && context["requestId"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorizer_decides_and_is_not_called_without_identity() {
    let world = World::start().await;
    let answer = |token: &'static str| {
        let world = &world;
        async move {
            let headers: Vec<_> =
                [("authorization", token)].into_iter().filter(|(_, token)| !token.is_empty()).collect();
            let answer = world.api("GET", "/things/1", &headers, "").await;
            (answer.status.as_u16(), answer.json()["message"].clone())
        }
    };
    assert_eq!(answer("").await, (401, json!("Unauthorized")));
    let state = world.local("GET", "/_local/state", &json!({})).await;
    let gate = state["functions"].as_array().unwrap().iter().find(|function| function["id"] == "GateFunction").unwrap();
    assert_eq!(gate["processes"], 0, "without identity nothing was started");
    assert_eq!(answer("bad").await, (403, json!("Forbidden")));
    assert_eq!(answer("broken").await, (500, json!("Internal Server Error")));
    assert_eq!(answer("good").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_those_of_the_gateway() {
    let world = World::start().await;
    let get = async |path: &str| {
        let answer = world.api("GET", path, &[], "").await;
        (answer.status.as_u16(), answer.text())
    };
    assert_eq!(get("/nothing").await, (404, r#"{"message":"Not Found"}"#.to_owned()));
    assert_eq!(get("/fail").await, (500, r#"{"message":"Internal Server Error"}"#.to_owned()));
    assert_eq!(get("/large").await.0, 500, "an answer of more than 6 MB");
    let body = "x".repeat((10 << 20) + 1);
    assert_eq!(world.api("PUT", "/open/x", &[], &body).await.status, 413);
    let other = world.api("GET", "/open/x", &[("host", "example.com")], "").await;
    assert_eq!(other.status, 404, "another host name never reaches the API");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_travel_as_base64() {
    let world = World::start().await;
    let headers = [("content-type", "application/octet-stream")];
    let event = world.api("PUT", "/open/a/b", &headers, "bytes").await.json();
    assert_eq!(event["isBase64Encoded"], true);
    assert_eq!(event["body"], "Ynl0ZXM=");
    assert_eq!(event["pathParameters"]["proxy"], "a/b");
}
