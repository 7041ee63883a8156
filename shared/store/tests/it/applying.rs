use domain::deployment::{Exit, Failure, FailureCode};
use domain::{Deployment, Environment, Error, Outcome, Sha256, Signal, Status};
use futures_util::future::join_all;
use store::Applied;

use crate::installation::Installation;
use crate::making::{lost, moment, moved, project, project_id, started, stopped, ticket, trigger_of};

#[tokio::test]
async fn news_moves_old_news_is_stale_and_what_is_too_early_waits() {
    let here = Installation::new().await;
    let queued = here.triggered(1).await;
    let (building, ..) = moved(here.apply(&queued, started(1, 3)).await);
    assert_eq!((&building.status, building.revision), (&Status::Building, queued.revision + 1));
    assert_eq!(here.stored(&queued).await, building);
    let again = here.apply(&queued, started(1, 3)).await;
    assert!(matches!(again, Applied::Stale(now) if now == building));
    assert!(matches!(here.apply(&queued, started(2, 1)).await, Applied::Early));
    assert!(matches!(here.apply(&queued, Signal::TimedOut).await, Applied::Early));
    assert_eq!(here.stored(&queued).await, building);
}

#[tokio::test]
async fn a_signal_to_a_deployment_that_does_not_exist_finds_nothing() {
    let here = Installation::new().await;
    let id = trigger_of(7, 7, Environment::Production).id;
    let applied = here.deployments.apply(project_id(1), id, Signal::Canceled, &ticket(1), moment(1)).await;
    assert_eq!(applied.unwrap_err(), Error::NotFound("deployment"));
    let first = here.triggered(1).await;
    let foreign = here.deployments.get(project_id(2), first.id).await;
    assert_eq!(foreign.unwrap_err(), Error::NotFound("deployment"), "a deployment is its project's");
}

#[tokio::test]
async fn a_lost_task_leads_to_a_second_attempt_with_a_ticket_of_its_own() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    here.deployments.dispatched(&first, "arn", moment(2)).await.unwrap();
    register(&here, &first, &ticket(1), 1).await;
    let (again, ..) = moved(here.apply(&first, stopped(1, 4, lost())).await);
    assert_eq!((&again.status, again.attempt, again.ticket.clone()), (&Status::Queued, 2, Some(ticket(99))));
    assert_eq!((again.task.clone(), again.token_sha256), (None, None));
    assert_eq!(here.stored(&first).await, again);
    assert_eq!(here.deployments.to_start(again.project).await.unwrap(), Some(again.clone()));
    assert_eq!(
        register(&here, &first, &ticket(1), 1).await.token_sha256,
        None,
        "the first ticket is worth nothing now"
    );

    here.deployments.dispatched(&first, "late", moment(3)).await.unwrap();
    assert_eq!(here.stored(&first).await.task, None, "the first attempt's task is not the second's");
    let (failed, ..) = moved(here.apply(&first, stopped(2, 4, lost())).await);
    assert_eq!(failed.status.name(), "failed");
}

#[tokio::test]
async fn a_task_whose_events_came_first_stays_as_they_said() {
    let here = Installation::new().await;
    let queued = here.triggered(1).await;
    let (building, ..) = moved(here.apply(&queued, started(1, 3)).await);
    here.deployments.dispatched(&queued, "arn", moment(9)).await.unwrap();
    assert_eq!(here.stored(&queued).await, building);
}

/// As the function `uploads` does it.
async fn register(here: &Installation, deployment: &Deployment, ticket: &str, token: u8) -> Deployment {
    let change = |read: &Deployment| match read.register(ticket, Sha256::of(&[token]), moment(5)) {
        Outcome::Moved(next) => Some(*next),
        Outcome::Stale | Outcome::Early => None,
    };
    here.deployments.update(deployment.project, deployment.id, change).await.unwrap()
}

#[tokio::test]
async fn a_token_is_registered_once_and_the_same_again_changes_nothing() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    assert_eq!(register(&here, &first, "slk_wrong", 1).await.token_sha256, None);
    let registered = register(&here, &first, &ticket(1), 1).await;
    assert_eq!(registered.token_sha256, Some(Sha256::of(&[1])));
    assert_eq!(register(&here, &first, &ticket(1), 1).await, registered);
    assert_eq!(register(&here, &first, &ticket(1), 2).await, registered, "another token is refused");
    assert_eq!(here.stored(&first).await, registered);
}

#[tokio::test]
async fn of_twenty_tokens_at_once_one_is_registered() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    let ticket = ticket(1);
    let seen = join_all((1..=20).map(|token| register(&here, &first, &ticket, token))).await;
    let stored = here.stored(&first).await.token_sha256;
    assert!(stored.is_some());
    assert!(seen.iter().all(|deployment| deployment.token_sha256 == stored));
}

#[tokio::test]
async fn of_an_end_and_a_commit_at_once_one_holds() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    let first = here.triggered(1).await;
    let (canceled, committed) =
        futures_util::future::join(here.apply(&first, Signal::Canceled), here.committed(&first)).await;
    let stored = here.stored(&first).await;
    let held = |applied: &Applied| matches!(applied, Applied::Moved { deployment, .. } if *deployment == stored);
    assert!(held(&canceled) != held(&committed), "{stored:#?}");
    let live = here.projects.get(project_id(1)).await.unwrap().unwrap().live;
    assert_eq!(live.is_some(), stored.status == Status::Ready, "what is canceled never goes live");
}

#[tokio::test]
async fn the_index_of_active_deployments_forgets_what_is_over() {
    let here = Installation::new().await;
    let (first, second) = (here.triggered(1).await, here.triggered(2).await);
    let ids = async |after| {
        let active = here.deployments.active(after).await.unwrap();
        active.into_iter().map(|deployment| deployment.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None).await, [first.id, second.id]);
    assert_eq!(ids(Some(first.id)).await, [second.id]);
    assert_eq!(ids(Some(second.id)).await, []);
    here.apply(&first, started(1, 2)).await;
    assert_eq!(ids(None).await, [first.id, second.id]);
    here.apply(&first, stopped(1, 3, Exit::Code { code: 1 })).await;
    assert_eq!(ids(None).await, [second.id]);
    here.apply(&second, Signal::Canceled).await;
    assert_eq!(ids(None).await, []);
}

#[tokio::test]
async fn deployments_are_listed_newest_first_page_by_page() {
    let here = Installation::new().await;
    let mut expected = Vec::new();
    for number in 1..=25 {
        expected.insert(0, here.triggered(number).await.id);
    }
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = here.deployments.list(project_id(1), before, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        pages.push(page.into_iter().map(|deployment| deployment.id).collect::<Vec<_>>());
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(pages.concat(), expected);
    assert!(here.deployments.list(project_id(2), None, 10).await.unwrap().is_empty());
}

/// Its task was given up for lost while its commit was under way. Ready by it, the deployment would have had the manifest
/// that the second attempt was about to store.
#[tokio::test]
async fn an_attempt_that_was_given_up_neither_commits_nor_fails_the_next_one() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    let first = here.triggered(1).await;
    let (second, ..) = moved(here.apply(&first, stopped(1, 2, lost())).await);
    assert_eq!(second.attempt, 2);
    assert!(matches!(here.committed(&first).await, Applied::Stale(now) if now == second));
    let failure = Failure::new(FailureCode::BuildFailed, "too late");
    let failed = here.apply(&first, Signal::Failed { attempt: 1, failure }).await;
    assert!(matches!(failed, Applied::Stale(now) if now == second));
    let (ready, ..) = moved(here.committed(&second).await);
    assert_eq!(ready.status, Status::Ready);
}
