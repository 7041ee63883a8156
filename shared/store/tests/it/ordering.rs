use domain::deployment::Exit;
use domain::{Deployment, Environment, Error, Signal, Status};

use crate::installation::Installation;
use crate::making::{lost, moment, moved, new, project, project_id, started, stopped, ticket, trigger_of};

#[tokio::test]
async fn the_first_starts_the_second_waits_and_the_third_supersedes_it() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    assert_eq!((first.attempt, first.ticket.clone(), first.ordinal), (1, Some(ticket(1)), 1));
    let second = here.triggered(2).await;
    assert_eq!((second.attempt, second.ticket.clone(), second.ordinal), (0, None, 2));
    let third =
        here.deployments.trigger(trigger_of(3, 3, Environment::Production), &ticket(3), moment(3)).await.unwrap();
    let (third, superseded) = new(third);
    assert_eq!(third.attempt, 0);
    let superseded = superseded.unwrap();
    assert_eq!((superseded.id, &superseded.status), (second.id, &Status::Canceled { superseded: true }));
    for deployment in [&first, &superseded, &third] {
        assert_eq!(here.stored(deployment).await, *deployment);
    }
}

/// A preview that came after it used to take the place of the production deployment, which then never went live.
#[tokio::test]
async fn a_preview_does_not_supersede_the_production_deployment_that_waits() {
    let here = Installation::new().await;
    let (running, waiting) = (here.triggered(1).await, here.triggered(2).await);
    let preview =
        here.deployments.trigger(trigger_of(3, 3, Environment::Preview), &ticket(3), moment(3)).await.unwrap();
    let (preview, superseded) = new(preview);
    assert!(superseded.is_none());
    let (_, next, _) = moved(here.apply(&running, Signal::Canceled).await);
    let next = next.unwrap();
    assert_eq!(next.id, waiting.id);
    let (_, next, _) = moved(here.apply(&next, Signal::Canceled).await);
    assert_eq!(next.map(|next| next.id), Some(preview.id));
}

async fn two(here: &Installation) -> (Deployment, Deployment) {
    here.projects.create(&project(1)).await.unwrap();
    (here.triggered(1).await, here.triggered(2).await)
}

#[tokio::test]
async fn every_end_of_the_running_one_starts_the_waiting_one_in_the_same_transaction() {
    let failure = domain::deployment::Failure::new(domain::deployment::FailureCode::BuildFailed, "exit 1");
    let ends = [Signal::Canceled, Signal::Failed { attempt: 1, failure }, stopped(1, 3, Exit::Code { code: 1 })];
    for end in ends {
        let here = Installation::new().await;
        let (running, waiting) = two(&here).await;
        here.wire.operations();
        let (ended, next, live) = moved(here.apply(&running, end).await);
        assert_eq!(here.wire.operations(), ["BatchGetItem", "GetItem", "TransactWriteItems"]);
        assert!(ended.status.is_terminal() && live.is_none());
        let next = next.unwrap();
        assert_eq!((next.id, next.attempt, next.ticket.clone()), (waiting.id, 1, Some(ticket(99))));
        assert_eq!(here.stored(&waiting).await, next);
        assert_eq!(here.stored(&running).await, ended);
    }
}

#[tokio::test]
async fn a_commit_starts_the_waiting_one() {
    let here = Installation::new().await;
    let (running, waiting) = two(&here).await;
    let (ready, next, live) = moved(here.committed(&running).await);
    assert_eq!(ready.status, Status::Ready);
    assert_eq!(next.map(|next| next.id), Some(waiting.id));
    assert_eq!(live.and_then(|project| project.live).map(|live| live.deployment), Some(running.id));
}

#[tokio::test]
async fn canceling_the_waiting_one_starts_nobody_and_leaves_room_for_another() {
    let here = Installation::new().await;
    let (running, waiting) = two(&here).await;
    let (_, next, _) = moved(here.apply(&waiting, Signal::Canceled).await);
    assert!(next.is_none());
    let third = here.deployments.trigger(trigger_of(3, 3, Environment::Production), &ticket(3), moment(3)).await;
    assert!(new(third.unwrap()).1.is_none(), "nobody waited, so nobody is superseded");
    assert_eq!(here.stored(&running).await, running);
}

#[tokio::test]
async fn a_lost_task_keeps_the_turn() {
    let here = Installation::new().await;
    let (running, waiting) = two(&here).await;
    let (again, next, _) = moved(here.apply(&running, stopped(1, 3, lost())).await);
    assert!(next.is_none());
    assert_eq!((again.attempt, here.stored(&waiting).await.attempt), (2, 0));
}

#[tokio::test]
async fn the_next_trigger_starts_at_once_when_all_is_over() {
    let here = Installation::new().await;
    let (running, waiting) = two(&here).await;
    here.apply(&running, Signal::Canceled).await;
    here.apply(&waiting, Signal::Canceled).await;
    assert_eq!(here.triggered(3).await.attempt, 1);
}

#[tokio::test]
async fn what_holds_the_turn_is_to_be_started_until_its_task_is_known() {
    let here = Installation::new().await;
    assert!(here.deployments.to_start(project_id(1)).await.unwrap().is_none());
    let (running, _) = two(&here).await;
    assert_eq!(here.deployments.to_start(project_id(1)).await.unwrap(), Some(running.clone()));
    here.deployments.dispatched(&running, "arn", moment(3)).await.unwrap();
    assert!(here.deployments.to_start(project_id(1)).await.unwrap().is_none());
    here.apply(&running, started(1, 2)).await;
    assert!(here.deployments.to_start(project_id(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn both_leaving_at_once_leaves_nobody_behind() {
    let here = Installation::new().await;
    let (running, waiting) = two(&here).await;
    futures_util::future::join(here.apply(&running, Signal::Canceled), here.apply(&waiting, Signal::Canceled)).await;
    assert!(here.stored(&running).await.status.is_terminal());
    assert!(here.stored(&waiting).await.status.is_terminal());
    assert!(here.deployments.to_start(project_id(1)).await.unwrap().is_none());
    assert_eq!(here.triggered(3).await.attempt, 1);
}

/// A batch of reads is not one moment: between the deployment and the order lay the transaction that wrote both. Written
/// so, the end would have left the order naming a deployment that is over, and the project would have waited for ever.
#[tokio::test]
async fn an_end_that_was_read_with_the_order_from_before_the_trigger_is_read_again() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    moved(here.apply(&first, Signal::Canceled).await);
    let before = here.order(project_id(1)).await;
    let second = here.triggered(2).await;
    let present = here.order(project_id(1)).await;
    here.put_order(before).await;
    let refused = here.deployments.apply(project_id(1), second.id, Signal::Canceled, &ticket(9), moment(9)).await;
    assert_eq!(refused.unwrap_err(), Error::Contended);
    assert_eq!(here.stored(&second).await, second);
    here.put_order(present).await;
    moved(here.apply(&second, Signal::Canceled).await);
    assert_eq!(here.triggered(3).await.attempt, 1);
}
