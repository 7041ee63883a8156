//! Slugs that are given up and taken back.

use domain::{Error, Project, Timestamp};
use futures_util::future::join_all;

use crate::installation::Installation;
use crate::making::{moment, project, project_id, valid};

const DAY: u64 = 24 * 60 * 60 * 1_000;

fn day(number: u64) -> Timestamp {
    moment(number * DAY / 1_000)
}

fn wanting(slug: &str, number: u64, at: Timestamp) -> Project {
    Project { slug: valid(slug), created_at: at, ..project(number) }
}

async fn renamed(here: &Installation, to: &str, at: Timestamp) -> Project {
    let read = here.projects.get(project_id(1)).await.unwrap().unwrap();
    let renamed = read.renamed(valid(to), at).unwrap();
    here.projects.rename(&renamed, at).await.unwrap();
    renamed
}

#[tokio::test]
async fn a_slug_that_was_given_up_is_held_for_thirty_days_and_then_free() {
    let here = Installation::new().await;
    here.projects.create(&wanting("old", 1, day(0))).await.unwrap();
    renamed(&here, "new", day(1)).await;
    assert_eq!(here.projects.create(&wanting("old", 2, day(30))).await, Err(Error::SlugTaken));
    assert_eq!(here.projects.create(&wanting("new", 2, day(30))).await, Err(Error::SlugTaken));
    here.projects.create(&wanting("old", 2, day(32))).await.unwrap();
}

#[tokio::test]
async fn a_project_takes_back_what_is_held_for_it_but_not_what_another_has_by_then() {
    let here = Installation::new().await;
    here.projects.create(&wanting("a", 1, day(0))).await.unwrap();
    renamed(&here, "b", day(1)).await;
    let back = renamed(&here, "a", day(2)).await;
    assert_eq!(back.retired.iter().map(|retired| retired.slug.as_str()).collect::<Vec<_>>(), ["b"]);
    renamed(&here, "c", day(3)).await;
    here.projects.create(&wanting("a", 2, day(40))).await.unwrap();
    let read = here.projects.get(project_id(1)).await.unwrap().unwrap();
    let late = read.renamed(valid("a"), day(41)).unwrap();
    assert_eq!(here.projects.rename(&late, day(41)).await, Err(Error::SlugTaken));
    assert_eq!(here.projects.get(project_id(1)).await.unwrap(), Some(read));
}

#[tokio::test]
async fn a_deleted_project_keeps_its_slug_while_it_can_be_restored() {
    let here = Installation::new().await;
    here.projects.create(&wanting("mine", 1, day(0))).await.unwrap();
    let read = here.projects.get(project_id(1)).await.unwrap().unwrap();
    let deleted = read.deleted(day(1));
    here.projects.delete(&deleted).await.unwrap();
    assert_eq!(here.projects.for_member(project_id(1), read.created_by).await, Err(Error::NotFound("project")));
    assert_eq!(here.projects.create(&wanting("mine", 2, day(30))).await, Err(Error::SlugTaken));
    assert_eq!(deleted.restored(day(32)), None);
    let restored = deleted.restored(day(30)).unwrap();
    here.projects.restore(&restored).await.unwrap();
    assert_eq!(here.projects.for_member(project_id(1), read.created_by).await.unwrap().0, restored);
    assert_eq!(here.projects.create(&wanting("mine", 2, day(90))).await, Err(Error::SlugTaken));
}

#[tokio::test]
async fn a_deleted_project_whose_slug_another_has_cannot_be_restored() {
    let here = Installation::new().await;
    here.projects.create(&wanting("mine", 1, day(0))).await.unwrap();
    let deleted = here.projects.get(project_id(1)).await.unwrap().unwrap().deleted(day(1));
    here.projects.delete(&deleted).await.unwrap();
    here.projects.create(&wanting("mine", 2, day(32))).await.unwrap();
    // Whatever a clock that runs behind thinks.
    assert_eq!(here.projects.restore(&deleted.restored(day(30)).unwrap()).await, Err(Error::SlugTaken));
}

#[tokio::test]
async fn of_twenty_projects_that_want_a_freed_slug_at_once_one_gets_it() {
    let here = Installation::new().await;
    here.projects.create(&wanting("wanted", 1, day(0))).await.unwrap();
    renamed(&here, "other", day(1)).await;
    let wanted: Vec<Project> = (2..=21).map(|number| wanting("wanted", number, day(40))).collect();
    let created = join_all(wanted.iter().map(|project| here.projects.create(project))).await;
    assert_eq!(created.iter().filter(|created| created.is_ok()).count(), 1, "{created:?}");
}

#[tokio::test]
async fn earlier_slugs_are_forgotten_once_the_edge_knows() {
    let here = Installation::new().await;
    here.projects.create(&wanting("old", 1, day(0))).await.unwrap();
    let renamed = renamed(&here, "new", day(1)).await;
    assert_eq!(renamed.retired.len(), 1);
    here.projects.synced(project_id(1), renamed.edge_revision - 1).await.unwrap();
    assert_eq!(here.projects.get(project_id(1)).await.unwrap().unwrap().retired.len(), 1);
    here.projects.synced(project_id(1), renamed.edge_revision).await.unwrap();
    assert_eq!(here.projects.get(project_id(1)).await.unwrap().unwrap().retired.len(), 0);
}
