//! The projects table: projects, their slugs, members and webhooks.

mod webhooks;

mod members;
mod slugs;
mod variables;

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::TransactWriteItem;
use aws_types::SdkConfig;
use domain::project::{Member, Role};
use domain::{Error, Project, ProjectId, UserId};

use crate::item::{Item, from_item, number, text, to_item};
use crate::keys::{self, Key};
use crate::table::{Range, Table, Written};

/// Projects, their slugs, members and webhooks.
#[derive(Debug, Clone)]
pub struct Projects {
    table: Table,
}

impl Projects {
    /// The table of this name, reached with this configuration.
    pub fn new(config: &SdkConfig, table: String) -> Self {
        Self { table: Table::new(config, table) }
    }

    /// A project, whoever asks.
    pub async fn get(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        self.table.get(&keys::project(id)).await
    }

    /// A project and what this user may do in it: one request. Not found for everyone who is no member, and for all once
    /// it is deleted.
    pub async fn for_member(&self, id: ProjectId, user: UserId) -> Result<(Project, Role), Error> {
        let found = self.even_deleted(id, user).await?;
        if found.0.deleted_at.is_some() { Err(Error::NotFound("project")) } else { Ok(found) }
    }

    /// The same, also when the project is deleted: for whoever restores it.
    pub async fn even_deleted(&self, id: ProjectId, user: UserId) -> Result<(Project, Role), Error> {
        let items = self.table.get_all(&[keys::project(id), keys::member(id, user)]).await?;
        match <[_; 2]>::try_from(items) {
            Ok([Some(project), Some(member)]) => {
                let member: Member = from_item(member)?;
                Ok((from_item(project)?, member.role))
            }
            _ => Err(Error::NotFound("project")),
        }
    }

    /// The projects of a user, oldest first, from `after` on: two requests, whatever their number.
    pub async fn of_user(
        &self,
        user: UserId,
        after: Option<ProjectId>,
        limit: u8,
    ) -> Result<Vec<(Project, Role)>, Error> {
        let after = after.map(|id| keys::membership(user, id).sk);
        let range = Range { prefix: keys::MEMBERSHIPS, after: after.as_deref(), newest_first: false };
        let items = self.table.query(&keys::memberships(user), range, i32::from(limit)).await?;
        let members = items.into_iter().map(from_item::<Member>).collect::<Result<Vec<_>, _>>()?;
        let wanted: Vec<Key> = members.iter().map(|member| keys::project(member.project)).collect();
        let found = self.table.get_all(&wanted).await?;
        let with_role =
            |(item, member): (Option<Item>, &Member)| Some(from_item(item?).map(|project| (project, member.role)));
        found.into_iter().zip(&members).filter_map(with_role).collect()
    }

    /// Writes a project over the revision before it. Refused with `Contended` when it was changed meanwhile.
    pub async fn replace(&self, project: &Project) -> Result<(), Error> {
        match self.table.replace(item_of(project)?, project.revision - 1).await? {
            Written::Done => Ok(()),
            Written::Refused => Err(Error::Contended),
        }
    }

    /// Records that the edge knows the project as of this revision, its earlier slugs forgotten; leaves the mark that it is behind when the project
    /// has moved on since.
    pub async fn synced(&self, id: ProjectId, edge_revision: u64) -> Result<(), Error> {
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(keys::project(id).item()))
            .update_expression("SET synced_revision = :seen REMOVE behind, retired")
            .condition_expression("edge_revision = :seen")
            .expression_attribute_values(":seen", number(edge_revision));
        match request.send().await {
            Ok(_) => Ok(()),
            // Moved on: the event of that change brings the next sync.
            Err(error)
                if error.as_service_error().is_some_and(|service| service.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::unavailable(DisplayErrorContext(&error))),
        }
    }

    /// Up to 100 projects of which the edge does not know the newest revision.
    pub async fn behind(&self) -> Result<Vec<ProjectId>, Error> {
        let request = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name("behind")
            .key_condition_expression("behind = :yes")
            .expression_attribute_values(":yes", text(BEHIND))
            .limit(100);
        let answer = request.send().await.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        let ids = answer
            .items()
            .iter()
            .filter_map(|item| item.get("pk")?.as_s().ok()?.strip_prefix("PROJECT#")?.parse().ok());
        Ok(ids.collect())
    }

    /// A part of a transaction: this project over the revision before it.
    pub(crate) fn replacing(&self, project: &Project) -> Result<TransactWriteItem, Error> {
        self.table.replacing(item_of(project)?, project.revision - 1)
    }
}

const BEHIND: &str = "yes";

/// The sparse index's attribute is there only while the edge is behind.
fn item_of(project: &Project) -> Result<crate::item::Item, Error> {
    let mut item = to_item(&keys::project(project.id), project)?;
    if project.edge_is_behind() {
        item.insert("behind".into(), text(BEHIND));
    }
    Ok(item)
}
