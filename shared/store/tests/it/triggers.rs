use std::collections::{BTreeMap, BTreeSet};

use domain::deployment::NewDeployment;
use domain::{Environment, Signal, Status};
use futures_util::future::join_all;
use store::Triggered;

use crate::installation::Installation;
use crate::making::{moment, new, ticket, trigger_of};

use Environment::{Preview, Production};

#[tokio::test]
async fn the_same_commit_for_the_same_environment_is_one_deployment() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    let again = here.deployments.trigger(trigger_of(2, 1, Production), &ticket(2), moment(2)).await.unwrap();
    let Triggered::Same(same) = again else { panic!("{again:?}") };
    assert_eq!(same, first);
    let preview = here.deployments.trigger(trigger_of(3, 1, Preview), &ticket(3), moment(3)).await.unwrap();
    assert_eq!(new(preview).0.ordinal, 2, "the other environment is another request");
    assert_eq!(here.deployments.list(first.project, None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_commit_that_failed_or_was_canceled_can_be_tried_again() {
    let here = Installation::new().await;
    let first = here.triggered(1).await;
    let failure = domain::deployment::Failure::new(domain::deployment::FailureCode::BuildFailed, "exit 1");
    here.apply(&first, Signal::Failed { attempt: 1, failure }).await;
    let second = here.deployments.trigger(trigger_of(2, 1, Production), &ticket(2), moment(2)).await.unwrap();
    let (second, _) = new(second);
    here.apply(&second, Signal::Canceled).await;
    let third = here.deployments.trigger(trigger_of(3, 1, Production), &ticket(3), moment(3)).await.unwrap();
    let (third, _) = new(third);
    assert_eq!((second.ordinal, third.ordinal), (2, 3));
    let again = here.deployments.trigger(trigger_of(4, 1, Production), &ticket(4), moment(4)).await.unwrap();
    assert!(matches!(again, Triggered::Same(same) if same.id == third.id));
}

#[tokio::test]
async fn a_commit_that_is_ready_stands() {
    let here = Installation::new().await;
    here.projects.create(&crate::making::project(1)).await.unwrap();
    let first = here.triggered(1).await;
    here.committed(&first).await;
    let again = here.deployments.trigger(trigger_of(2, 1, Production), &ticket(2), moment(2)).await.unwrap();
    assert!(matches!(again, Triggered::Same(same) if same.id == first.id && same.status == Status::Ready));
}

#[tokio::test]
async fn twenty_triggers_of_one_commit_at_once_are_one_deployment() {
    let here = Installation::new().await;
    let tickets: Vec<String> = (1..=20).map(ticket).collect();
    let triggers = (1..=20).zip(&tickets);
    let triggers =
        triggers.map(|(number, ticket)| here.deployments.trigger(trigger_of(number, 1, Production), ticket, moment(9)));
    let triggered: Vec<_> = join_all(triggers).await.into_iter().map(Result::unwrap).collect();
    let is_new = |triggered: &&Triggered| matches!(triggered, Triggered::New { .. });
    assert_eq!(triggered.iter().filter(is_new).count(), 1);
    let id = |triggered: &Triggered| match triggered {
        Triggered::New { deployment, .. } | Triggered::Same(deployment) => deployment.id,
    };
    assert_eq!(triggered.iter().map(id).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(here.deployments.list(crate::making::project_id(1), None, 50).await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_twenty_commits_at_once_one_runs_one_waits_and_the_others_are_superseded() {
    let here = Installation::new().await;
    let tickets: Vec<String> = (1..=20).map(ticket).collect();
    let triggers = (1..=20).zip(&tickets);
    let triggers = triggers
        .map(|(number, ticket)| here.deployments.trigger(trigger_of(number, number, Production), ticket, moment(9)));
    for triggered in join_all(triggers).await {
        new(triggered.unwrap());
    }
    let stored = here.deployments.list(crate::making::project_id(1), None, 50).await.unwrap();
    let by_ordinal: BTreeMap<u64, _> = stored.into_iter().map(|deployment| (deployment.ordinal, deployment)).collect();
    assert!(by_ordinal.keys().copied().eq(1..=20), "{:?}", by_ordinal.keys());
    assert_eq!((&by_ordinal[&1].status, by_ordinal[&1].attempt), (&Status::Queued, 1));
    assert_eq!((&by_ordinal[&20].status, by_ordinal[&20].attempt), (&Status::Queued, 0));
    for ordinal in 2..20 {
        assert_eq!(by_ordinal[&ordinal].status, Status::Canceled { superseded: true }, "{ordinal}");
    }
    assert_eq!(here.deployments.active(None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_looked_at_before_another_trigger_is_not_triggered_after_it() {
    let here = Installation::new().await;
    let project = crate::making::project_id(1);
    assert_eq!(here.deployments.newest(project).await.unwrap(), 0);
    let next_to = |newest, number| {
        let here = &here;
        async move {
            let new = trigger_of(number, number, Production);
            here.deployments.trigger_next_to(newest, new, &ticket(number), moment(number)).await.unwrap()
        }
    };
    let first = next_to(0, 1).await.map(|triggered| new(triggered).0.ordinal);
    assert_eq!((first, here.deployments.newest(project).await.unwrap()), (Some(1), 1));
    assert!(next_to(0, 2).await.is_none(), "another came between");
    assert_eq!(here.deployments.list(project, None, 10).await.unwrap().len(), 1, "nothing is left of it");
    let same = next_to(0, 1).await;
    assert!(matches!(same, Some(Triggered::Same(same)) if same.ordinal == 1), "what stands is found all the same");
    assert_eq!(next_to(1, 2).await.map(|triggered| new(triggered).0.ordinal), Some(2));
}

#[tokio::test]
async fn the_same_commit_with_other_settings_or_variables_is_another_deployment() {
    let here = Installation::new().await;
    let of_revision = |number, build_revision| NewDeployment { build_revision, ..trigger_of(number, 1, Production) };
    let trigger = |new| here.deployments.trigger(new, "t", moment(1));
    let (first, _) = new(trigger(of_revision(1, 3)).await.unwrap());
    assert!(matches!(trigger(of_revision(2, 3)).await.unwrap(), Triggered::Same(found) if found.id == first.id));
    let (second, _) = new(trigger(of_revision(3, 4)).await.unwrap());
    assert_eq!(second.ordinal, 2);
    assert!(matches!(trigger(of_revision(4, 4)).await.unwrap(), Triggered::Same(found) if found.id == second.id));
    // Decided by who had read the project before it was changed.
    assert!(matches!(trigger(of_revision(5, 3)).await.unwrap(), Triggered::Same(found) if found.id == second.id));
}
