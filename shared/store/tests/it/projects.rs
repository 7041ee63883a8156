use domain::project::Role;
use domain::{Error, Project};
use futures_util::future::join_all;

use crate::installation::Installation;
use crate::making::{project, project_id, user_id, valid};

#[tokio::test]
async fn a_new_project_is_its_creators_own() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    assert_eq!(here.projects.get(project_id(1)).await.unwrap(), Some(project(1)));
    here.wire.operations();
    assert_eq!(here.projects.for_member(project_id(1), user_id(1)).await.unwrap(), (project(1), Role::Owner));
    assert_eq!(here.wire.operations(), ["BatchGetItem"]);
}

#[tokio::test]
async fn a_project_of_another_user_is_not_found_just_as_one_that_does_not_exist() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    let foreign = here.projects.for_member(project_id(1), user_id(2)).await.unwrap_err();
    let missing = here.projects.for_member(project_id(2), user_id(1)).await.unwrap_err();
    assert_eq!((&foreign, &missing), (&Error::NotFound("project"), &Error::NotFound("project")));
    assert_eq!(here.projects.get(project_id(2)).await.unwrap(), None);
    assert!(here.projects.of_user(user_id(2), None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_taken_slug_is_refused_and_leaves_nothing_behind() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    let second = Project { slug: project(1).slug, ..project(2) };
    assert_eq!(here.projects.create(&second).await, Err(Error::SlugTaken));
    assert_eq!(here.projects.get(project_id(2)).await.unwrap(), None);
    assert_eq!(here.projects.of_user(user_id(1), None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_twenty_projects_that_want_one_slug_at_once_one_gets_it() {
    let here = Installation::new().await;
    let wanted: Vec<Project> = (1..=20).map(|number| Project { slug: valid("wanted"), ..project(number) }).collect();
    let created = join_all(wanted.iter().map(|project| here.projects.create(project))).await;
    assert_eq!(created.iter().filter(|created| created.is_ok()).count(), 1);
    assert!(created.iter().all(|created| matches!(created, Ok(()) | Err(Error::SlugTaken))), "{created:?}");
}

#[tokio::test]
async fn projects_are_listed_oldest_first_page_by_page_in_two_requests_each() {
    let here = Installation::new().await;
    for number in 1..=25 {
        here.projects.create(&project(number)).await.unwrap();
    }
    let other = Project { created_by: user_id(2), ..project(26) };
    here.projects.create(&other).await.unwrap();
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        here.wire.operations();
        let page = here.projects.of_user(user_id(1), after, 10).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        assert_eq!(here.wire.operations(), ["Query", "BatchGetItem"]);
        after = Some(last.id);
        pages.push(page.into_iter().map(|(project, _)| project.id).collect::<Vec<_>>());
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(pages.concat(), (1..=25).map(project_id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_project_that_was_changed_meanwhile_is_not_written_over() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    let change = |branch| Project { branch: valid(branch), revision: 2, ..project(1) };
    here.projects.replace(&change("one")).await.unwrap();
    assert_eq!(here.projects.replace(&change("two")).await, Err(Error::Contended));
    assert_eq!(here.projects.get(project_id(1)).await.unwrap(), Some(change("one")));
}

#[tokio::test]
async fn a_project_is_behind_until_the_edge_knows_its_newest_revision() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    here.projects.create(&project(2)).await.unwrap();
    let mut behind = here.projects.behind().await.unwrap();
    behind.sort();
    assert_eq!(behind, [project_id(1), project_id(2)]);
    here.projects.synced(project_id(1), 1).await.unwrap();
    assert_eq!(here.projects.behind().await.unwrap(), [project_id(2)]);
    let synced = here.projects.get(project_id(1)).await.unwrap().unwrap();
    assert_eq!((synced.synced_revision, synced.edge_is_behind()), (1, false));

    let moved = Project { edge_revision: 2, revision: 2, ..synced };
    here.projects.replace(&moved).await.unwrap();
    here.projects.synced(project_id(1), 1).await.unwrap();
    assert_eq!(here.projects.get(project_id(1)).await.unwrap(), Some(moved), "an older sync does not count");
    let mut behind = here.projects.behind().await.unwrap();
    behind.sort();
    assert_eq!(behind, [project_id(1), project_id(2)]);
}

#[tokio::test]
async fn syncing_a_project_that_does_not_exist_makes_none() {
    let here = Installation::new().await;
    here.projects.synced(project_id(1), 1).await.unwrap();
    assert_eq!(here.projects.get(project_id(1)).await.unwrap(), None);
}
