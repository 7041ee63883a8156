use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::world::{PATIENCE, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_reused_and_sees_only_its_own_environment() {
    let world = World::start().await;
    let first = world.invoke("EchoFunction", "RequestResponse", &json!({ "n": 1 })).await.json();
    let second = world.invoke("slipway-EchoFunction", "RequestResponse", &json!({ "n": 2 })).await.json();
    assert_eq!(first["pid"], second["pid"]);
    assert_eq!(second["event"], json!({ "n": 2 }));
    let environment = first["environment"].as_object().unwrap();
    assert_eq!(environment["TABLE"], "slipway-things");
    assert_eq!(environment["AWS_ACCESS_KEY_ID"], "EchoFunction");
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_NAME"], "slipway-EchoFunction");
    assert_eq!(environment["AWS_ENDPOINT_URL"], format!("http://{}", world.aws));
    assert!(!environment.contains_key("HOME"), "{environment:?}");
    let log = std::fs::read_to_string(world.folder.path().join("state/logs/EchoFunction.log")).unwrap();
    assert_eq!(log.lines().count(), 2, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_per_process_so_load_starts_more() {
    let world = World::start().await;
    let slow = json!({ "do": "sleep", "seconds": 0.5 });
    let (one, two) = tokio::join!(
        world.invoke("EchoFunction", "RequestResponse", &slow),
        world.invoke("EchoFunction", "RequestResponse", &slow)
    );
    assert_ne!(one.json()["pid"], two.json()["pid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_concurrency_throttles_and_a_timeout_kills() {
    let world = World::start().await;
    let slow = json!({ "do": "sleep" });
    let started = Instant::now();
    let busy = async {
        // Only once the first request holds the one execution is the second one too many.
        loop {
            let state = world.local("GET", "/_local/state", &json!({})).await;
            let functions = state["functions"].as_array().unwrap();
            if functions.iter().any(|function| function["id"] == "ShortFunction" && function["processes"] == 1) {
                return world.invoke("ShortFunction", "RequestResponse", &json!({})).await;
            }
            assert!(started.elapsed() < PATIENCE);
        }
    };
    let (first, second) = tokio::join!(world.invoke("ShortFunction", "RequestResponse", &slow), busy);
    assert_eq!(second.status, 429);
    assert_eq!(second.header("x-amzn-errortype"), "TooManyRequestsException");
    assert_eq!(first.status, 200);
    assert_eq!(first.header("x-amz-function-error"), "Unhandled");
    assert!(first.text().contains("Task timed out after 1.00 seconds"), "{}", first.text());
    let again = world.invoke("ShortFunction", "RequestResponse", &json!({})).await;
    assert!(again.json()["pid"].is_number(), "a new process takes over: {}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_told_apart_and_the_next_request_works() {
    let world = World::start().await;
    let failure = async |function: &str, event: Value| {
        let answer = world.invoke(function, "RequestResponse", &event).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-amz-function-error")), (200, "Unhandled"));
        answer.json()["errorType"].as_str().unwrap().to_owned()
    };
    assert_eq!(failure("EchoFunction", json!({ "do": "fail" })).await, "Test");
    assert_eq!(failure("EchoFunction", json!({ "do": "crash" })).await, "Runtime.ExitError");
    assert_eq!(failure("EchoFunction", json!({ "do": "large" })).await, "Function.ResponseSizeTooLarge");
    assert_eq!(failure("BrokenFunction", json!({})).await, "Init");
    assert_eq!(world.invoke("EchoFunction", "RequestResponse", &json!({})).await.header("x-amz-function-error"), "");
    assert_eq!(world.invoke("EchoFunction", "DryRun", &json!({})).await.status, 204);
    assert_eq!(world.invoke("NoFunction", "RequestResponse", &json!({})).await.status, 404);
    let large = json!("x".repeat(6 << 20));
    assert_eq!(world.invoke("EchoFunction", "RequestResponse", &large).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_tried_three_times_and_then_buried() {
    let world = World::start().await;
    let event = json!({ "do": "fail", "n": 7 });
    assert_eq!(world.invoke("EchoFunction", "Event", &event).await.status, 202);
    let dead = world.messages("slipway-dead", 1).await;
    assert_eq!(serde_json::from_str::<Value>(dead[0]["Body"].as_str().unwrap()).unwrap(), event);
    assert_eq!(dead[0]["MessageAttributes"]["ErrorMessage"]["StringValue"], "as told");
    let failed = world.messages("slipway-failed", 1).await;
    let record: Value = serde_json::from_str(failed[0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 3);
    assert_eq!(record["requestPayload"], event);
    let log = std::fs::read_to_string(world.folder.path().join("state/logs/EchoFunction.log")).unwrap();
    assert_eq!(log.lines().count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_a_request_end_and_leaves_no_process() {
    let world = World::start().await;
    let slow = json!({ "do": "sleep", "seconds": 0.3 });
    let pid = world.invoke("EchoFunction", "RequestResponse", &json!({})).await.json()["pid"].as_i64().unwrap();
    let path = "/2015-03-31/functions/EchoFunction/invocations";
    let running = tokio::spawn(crate::world::send(world.aws, "POST", path, &[], slow.to_string().into()));
    let deadline = Instant::now() + PATIENCE;
    while world.local("GET", "/_local/state", &json!({})).await["functions"][1]["idle"] != 0 {
        assert!(Instant::now() < deadline);
    }
    let _folder = world.stop().await;
    assert_eq!(running.await.unwrap().json()["pid"], pid);
    while std::path::Path::new(&format!("/proc/{pid}/cmdline")).exists() {
        assert!(Instant::now() < deadline, "the process outlived the platform");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
