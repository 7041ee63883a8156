//! What DynamoDB answers under load, and no engine on a laptop does.

use domain::{Environment, Error, Project, Signal, Status};
use store::Triggered;

use crate::installation::Installation;
use crate::making::{moment, moved, new, project, project_id, started, ticket, trigger_of, user_id};
use crate::wire::Fault;

const TRANSACTION: &str = "TransactWriteItems";

#[tokio::test]
async fn a_transaction_that_meets_others_is_sent_again_until_it_passes() {
    let here = Installation::new().await;
    here.wire.fail(TRANSACTION, Fault::TransactionConflict, 3);
    here.triggered(1).await;
    assert_eq!(here.wire.operations(), ["BatchGetItem", TRANSACTION, TRANSACTION, TRANSACTION, TRANSACTION]);
    here.wire.fail(TRANSACTION, Fault::TransactionConflict, 2);
    here.projects.create(&project(1)).await.unwrap();
    assert!(here.projects.get(project_id(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_transaction_that_always_meets_others_is_contended_and_nothing_is_written() {
    let here = Installation::new().await;
    here.wire.fail(TRANSACTION, Fault::TransactionConflict, usize::MAX);
    let new_deployment = trigger_of(1, 1, Environment::Production);
    let triggered = here.deployments.trigger(new_deployment.clone(), &ticket(1), moment(1)).await;
    assert_eq!(triggered.unwrap_err(), Error::Contended);
    assert_eq!(here.projects.create(&project(1)).await, Err(Error::Contended));
    assert!(here.deployments.list(project_id(1), None, 10).await.unwrap().is_empty());
    assert_eq!(here.projects.for_member(project_id(1), user_id(1)).await.unwrap_err(), Error::NotFound("project"));
}

#[tokio::test]
async fn an_end_that_meets_others_starts_the_waiting_one_all_the_same() {
    let here = Installation::new().await;
    let (running, waiting) = (here.triggered(1).await, here.triggered(2).await);
    here.wire.fail(TRANSACTION, Fault::TransactionConflict, 3);
    let (_, next, _) = moved(here.apply(&running, Signal::Canceled).await);
    assert_eq!(next.map(|next| next.id), Some(waiting.id));
}

#[tokio::test]
async fn a_single_write_that_meets_a_transaction_is_tried_again_from_the_read() {
    let here = Installation::new().await;
    let deployment = here.triggered(1).await;
    here.wire.fail("PutItem", Fault::ItemConflict, 2);
    let (building, ..) = moved(here.apply(&deployment, started(1, 2)).await);
    assert_eq!(building.status, Status::Building);
    assert_eq!(here.stored(&deployment).await, building);
}

#[tokio::test]
async fn a_project_whose_write_meets_a_transaction_is_contended() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    here.wire.fail("PutItem", Fault::ItemConflict, usize::MAX);
    let changed = Project { pinned: true, revision: 2, ..project(1) };
    assert_eq!(here.projects.replace(&changed).await, Err(Error::Contended));
    assert_eq!(here.projects.get(project_id(1)).await.unwrap(), Some(project(1)));
}

#[tokio::test]
async fn a_log_chunk_that_could_not_be_written_is_not_said_to_be() {
    let here = Installation::new().await;
    here.wire.fail("PutItem", Fault::ItemConflict, usize::MAX);
    let id = trigger_of(1, 1, Environment::Production).id;
    let chunk = domain::upload::LogChunk { number: 0, lines: vec![] };
    let written = here.deployments.write_log(id, 1, &chunk, moment(1)).await;
    assert!(written.is_err_and(|error| error.is_transient()));
}

#[tokio::test]
async fn a_table_that_is_busy_for_a_moment_is_asked_again() {
    let here = Installation::new().await;
    here.wire.fail("BatchGetItem", Fault::Throttled, 1);
    here.wire.fail(TRANSACTION, Fault::Throttled, 1);
    assert_eq!(here.triggered(1).await.attempt, 1);
    here.wire.fail("BatchGetItem", Fault::Throttled, usize::MAX);
    let applied = here.deployments.trigger(trigger_of(2, 2, Environment::Production), &ticket(2), moment(2)).await;
    assert!(matches!(applied, Err(Error::Unavailable(_))), "{applied:?}");
}

#[tokio::test]
async fn a_batch_that_is_answered_in_part_is_asked_for_again() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    here.wire.fail("BatchGetItem", Fault::AnsweredInPart, 2);
    let again =
        here.deployments.trigger(trigger_of(2, 1, Environment::Production), &ticket(2), moment(2)).await.unwrap();
    assert!(matches!(again, Triggered::Same(same) if same == first), "what was not answered is not what is not there");
    let second = here.deployments.trigger(trigger_of(3, 3, Environment::Production), &ticket(3), moment(3)).await;
    assert_eq!(new(second.unwrap()).0.ordinal, 2);
}
