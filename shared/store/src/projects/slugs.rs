//! Everything that gives or takes a slug: create, rename, delete, restore. Each is one transaction with the project.

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::project::{Member, Role};
use domain::{Error, Project, ProjectId, Slug, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Projects, item_of};
use crate::item::{text, to_item};
use crate::keys;
use crate::transaction::{Committed, commit};

/// Whose a slug is and, once it was given up, until when.
#[derive(Serialize, Deserialize)]
struct SlugItem {
    project: ProjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held_until: Option<Timestamp>,
}

impl Projects {
    /// Stores a new project, reserves its slug and makes its creator the owner.
    pub async fn create(&self, project: &Project) -> Result<(), Error> {
        let (id, owner) = (project.id, project.created_by);
        let joined_at = Some(project.created_at);
        let member = Member { project: id, user: owner, role: Role::Owner, name: None, joined_at };
        let parts = vec![
            self.taking(&project.slug, id, project.created_at)?,
            self.table.putting_new(item_of(project)?)?,
            self.table.putting_new(to_item(&keys::member(id, owner), &member)?)?,
            self.table.putting_new(to_item(&keys::membership(owner, id), &member)?)?,
        ];
        self.first_is_the_slug(parts).await
    }

    /// Writes a renamed project over the revision before it: takes its slug, and holds those that it had.
    pub async fn rename(&self, renamed: &Project, now: Timestamp) -> Result<(), Error> {
        let mut parts = vec![self.taking(&renamed.slug, renamed.id, now)?];
        // The others are held since they were given up.
        if let Some(retired) = renamed.retired.last() {
            parts.push(self.holding(&retired.slug, renamed.id, Some(retired.held_until))?);
        }
        parts.push(self.replacing(renamed)?);
        self.first_is_the_slug(parts).await
    }

    /// Writes a deleted project over the revision before it, and holds its slug as long as it can be restored.
    pub async fn delete(&self, deleted: &Project) -> Result<(), Error> {
        let held = self.holding(&deleted.slug, deleted.id, deleted.restorable_until())?;
        self.first_is_the_slug(vec![held, self.replacing(deleted)?]).await
    }

    /// Writes a restored project over the revision before it, with its slug its own again.
    pub async fn restore(&self, restored: &Project) -> Result<(), Error> {
        let own = self.holding(&restored.slug, restored.id, None)?;
        self.first_is_the_slug(vec![own, self.replacing(restored)?]).await
    }

    /// A slug that is free, or no longer held, or held for this very project.
    fn taking(&self, slug: &Slug, project: ProjectId, now: Timestamp) -> Result<TransactWriteItem, Error> {
        let free =
            "attribute_not_exists(pk) OR held_until < :now OR (#project = :project AND attribute_exists(held_until))";
        let item = to_item(&keys::slug(slug), &SlugItem { project, held_until: None })?;
        let put = Put::builder().table_name(&self.table.name).set_item(Some(item)).condition_expression(free);
        let put = put.expression_attribute_values(":now", text(now.to_string()));
        let put = of_project(put, project).build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::unavailable)?).build())
    }

    /// A slug of this project, held until then or for good.
    fn holding(&self, slug: &Slug, project: ProjectId, until: Option<Timestamp>) -> Result<TransactWriteItem, Error> {
        let item = to_item(&keys::slug(slug), &SlugItem { project, held_until: until })?;
        let put = Put::builder().table_name(&self.table.name).set_item(Some(item));
        let put = put.condition_expression("#project = :project");
        let put = of_project(put, project).build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::unavailable)?).build())
    }

    async fn first_is_the_slug(&self, parts: Vec<TransactWriteItem>) -> Result<(), Error> {
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(()),
            Committed::Refused(parts) if parts.contains(&0) => Err(Error::SlugTaken),
            Committed::Refused(_) => Err(Error::Contended),
        }
    }
}

/// What conditions call `#project` and `:project`; the bare name is one of DynamoDB's reserved words.
fn of_project(put: PutBuilder, project: ProjectId) -> PutBuilder {
    put.expression_attribute_names("#project", "project")
        .expression_attribute_values(":project", text(project.to_string()))
}
