use domain::project::Live;
use domain::{Environment, Project, Status};

use crate::installation::Installation;
use crate::making::{moment, moved, new, project, project_id, ticket, trigger_of};

async fn with(change: impl FnOnce(Project) -> Project) -> Installation {
    let here = Installation::new().await;
    let created = project(1);
    here.projects.create(&created).await.unwrap();
    let changed = change(Project { revision: 2, ..created });
    here.projects.replace(&changed).await.unwrap();
    here
}

async fn stored(here: &Installation) -> Project {
    here.projects.get(project_id(1)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_commit_makes_the_deployment_ready_and_live_in_one_transaction() {
    let here = with(|project| project).await;
    let deployment = here.triggered(1).await;
    here.wire.operations();
    let (ready, next, live) = moved(here.committed(&deployment).await);
    assert_eq!(here.wire.operations(), ["BatchGetItem", "GetItem", "TransactWriteItems"]);
    assert!(ready.status == Status::Ready && next.is_none());
    let project = stored(&here).await;
    assert_eq!(live, Some(project.clone()));
    assert_eq!(project.live, Some(Live { deployment: ready.id, ordinal: 1 }));
    assert_eq!((project.edge_revision, project.revision), (2, 3));
    assert_eq!(here.projects.behind().await.unwrap(), [project.id]);
}

#[tokio::test]
async fn a_commit_repeated_changes_nothing() {
    let here = with(|project| project).await;
    let deployment = here.triggered(1).await;
    here.committed(&deployment).await;
    let before = stored(&here).await;
    assert!(matches!(here.committed(&deployment).await, store::Applied::Stale(now) if now.status == Status::Ready));
    assert_eq!(stored(&here).await, before);
}

#[tokio::test]
async fn a_pin_holds_against_a_commit() {
    let here = with(|project| Project { pinned: true, ..project }).await;
    let deployment = here.triggered(1).await;
    let (ready, _, live) = moved(here.committed(&deployment).await);
    assert_eq!((ready.status, live, stored(&here).await.live), (Status::Ready, None, None));
}

#[tokio::test]
async fn an_older_push_does_not_go_live_over_a_newer_one() {
    let newer = Live { deployment: trigger_of(90, 90, Environment::Production).id, ordinal: 90 };
    let here = with(|project| Project { live: Some(newer), ..project }).await;
    let deployment = here.triggered(1).await;
    let (ready, _, live) = moved(here.committed(&deployment).await);
    assert_eq!((ready.status, live, stored(&here).await.live), (Status::Ready, None, Some(newer)));
}

#[tokio::test]
async fn a_preview_does_not_go_live() {
    let here = with(|project| project).await;
    let triggered = here.deployments.trigger(trigger_of(1, 1, Environment::Preview), &ticket(1), moment(1)).await;
    let (deployment, _) = new(triggered.unwrap());
    let (ready, _, live) = moved(here.committed(&deployment).await);
    assert_eq!((ready.status, live, stored(&here).await.live), (Status::Ready, None, None));
}

#[tokio::test]
async fn a_project_that_changes_during_a_commit_keeps_both_changes() {
    let here = with(|project| project).await;
    let deployment = here.triggered(1).await;
    let read = stored(&here).await;
    let renamed = Project { branch: crate::making::valid("next"), revision: read.revision + 1, ..read };
    let (applied, replaced) =
        futures_util::future::join(here.committed(&deployment), here.projects.replace(&renamed)).await;
    moved(applied);
    let project = stored(&here).await;
    assert_eq!(project.live.map(|live| live.deployment), Some(deployment.id));
    assert_eq!(project.branch == renamed.branch, replaced.is_ok());
}
