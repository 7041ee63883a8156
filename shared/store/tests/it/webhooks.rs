use domain::{Error, Sha256, Webhook};

use crate::installation::Installation;
use crate::making::{moment, project, project_id, user_id};

fn webhook(secret: &str) -> Webhook {
    Webhook {
        project: project_id(1),
        secret_sha256: Sha256::of(secret.as_bytes()),
        repository_id: None,
        repository: None,
        created_by: user_id(1),
        created_at: moment(0),
        revision: 1,
    }
}

async fn stored(here: &Installation) -> Option<Webhook> {
    here.projects.with_webhook(project_id(1)).await.unwrap().map(|(_, webhook)| webhook)
}

#[tokio::test]
async fn a_project_and_its_webhook_are_one_request_and_nothing_without_either() {
    let here = Installation::new().await;
    here.projects.set_webhook(webhook("one")).await.unwrap();
    assert_eq!(here.projects.with_webhook(project_id(1)).await.unwrap(), None, "there is no such project");
    here.projects.create(&project(1)).await.unwrap();
    here.wire.operations();
    assert_eq!(here.projects.with_webhook(project_id(1)).await.unwrap(), Some((project(1), webhook("one"))));
    assert_eq!(here.wire.operations(), ["BatchGetItem"]);
    here.projects.delete_webhook(project_id(1)).await.unwrap();
    assert_eq!(stored(&here).await, None);
    here.projects.delete_webhook(project_id(1)).await.unwrap();
    assert_eq!(here.projects.get(project_id(1)).await.unwrap(), Some(project(1)));
}

#[tokio::test]
async fn a_new_secret_replaces_the_one_before_and_what_was_known_of_its_repository() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    here.projects.set_webhook(webhook("one")).await.unwrap();
    let told = Webhook { repository_id: Some(7), revision: 2, ..webhook("one") };
    assert_eq!(here.projects.update_webhook(told.clone()).await.unwrap(), told);
    here.projects.set_webhook(webhook("two")).await.unwrap();
    assert_eq!(stored(&here).await, Some(Webhook { revision: 3, ..webhook("two") }));
}

#[tokio::test]
async fn what_a_delivery_tells_is_not_written_over_a_new_secret_or_one_that_is_gone() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    here.projects.set_webhook(webhook("one")).await.unwrap();
    let told = Webhook { repository_id: Some(7), revision: 2, ..webhook("one") };
    here.projects.set_webhook(webhook("two")).await.unwrap();
    let two = Webhook { revision: 2, ..webhook("two") };
    assert_eq!(here.projects.update_webhook(told.clone()).await.unwrap(), two);
    assert_eq!(stored(&here).await, Some(two));
    here.projects.delete_webhook(project_id(1)).await.unwrap();
    assert_eq!(here.projects.update_webhook(told).await, Err(Error::Contended));
    assert_eq!(stored(&here).await, None);
}
