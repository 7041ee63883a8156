//! What each decision costs, in requests to DynamoDB.

use domain::deployment::Exit;
use domain::{Environment, Signal};

use crate::installation::Installation;
use crate::making::{lost, moment, started, stopped, ticket, trigger_of};

async fn trigger(here: &Installation, number: u64) {
    let new = trigger_of(number, number, Environment::Production);
    here.deployments.trigger(new, &ticket(number), moment(number)).await.unwrap();
}

#[tokio::test]
async fn a_trigger_is_one_transaction() {
    let here = Installation::new().await;
    trigger(&here, 1).await;
    assert_eq!(here.wire.operations(), ["BatchGetItem", "TransactWriteItems"]);
    trigger(&here, 2).await;
    assert_eq!(here.wire.operations(), ["BatchGetItem", "TransactWriteItems"]);
    trigger(&here, 3).await;
    assert_eq!(
        here.wire.operations(),
        ["BatchGetItem", "GetItem", "TransactWriteItems"],
        "it looks at whom it supersedes"
    );
    trigger(&here, 3).await;
    assert_eq!(here.wire.operations(), ["BatchGetItem", "GetItem"], "a repeated one writes nothing");
}

#[tokio::test]
async fn an_event_of_ecs_is_one_read_and_one_write() {
    let here = Installation::new().await;
    let deployment = here.triggered(1).await;
    let events = [started(1, 2), started(1, 3), stopped(1, 4, lost()), started(2, 2)];
    for event in events {
        here.wire.operations();
        here.apply(&deployment, event).await;
        assert_eq!(here.wire.operations(), ["BatchGetItem", "PutItem"]);
    }
    here.apply(&deployment, stopped(2, 4, Exit::Code { code: 1 })).await;
    assert_eq!(here.wire.operations(), ["BatchGetItem", "TransactWriteItems"]);
}

#[tokio::test]
async fn an_event_that_is_old_news_is_one_read() {
    let here = Installation::new().await;
    let deployment = here.triggered(1).await;
    here.apply(&deployment, started(1, 3)).await;
    here.wire.operations();
    for event in [started(1, 3), stopped(1, 2, lost()), started(2, 1), Signal::TimedOut] {
        here.apply(&deployment, event).await;
        assert_eq!(here.wire.operations(), ["BatchGetItem"]);
    }
}
