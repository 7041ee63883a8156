//! Projects' members: invited, joined, in another role, gone. Each change is one transaction with the project, which counts
//! its owners.

use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::project::{Invitation, Member, Role};
use domain::{Error, Project, ProjectId, Sha256, Timestamp, UserId};
use serde::Serialize;

use super::Projects;
use crate::item::{from_item, text, to_item};
use crate::keys::{self, Key};
use crate::table::{Range, Written};
use crate::transaction::{Committed, commit};

/// Most members that are listed.
const MOST: i32 = 100;

const NO_INVITATION: Error =
    Error::Forbidden("the invitation is wrong, used or older than 7 days; ask an owner of the project for another");

#[derive(Serialize)]
struct InvitationItem<'a> {
    #[serde(flatten)]
    invitation: &'a Invitation,
    ttl: i64,
}

impl Projects {
    /// A project's members, in the order of their identifiers; at most 100.
    pub async fn members(&self, id: ProjectId) -> Result<Vec<Member>, Error> {
        let range = Range { prefix: keys::MEMBERS, after: None, newest_first: false };
        let items = self.table.query(&keys::project(id).pk, range, MOST).await?;
        items.into_iter().map(from_item).collect()
    }

    /// A member, if that person is one.
    pub async fn member(&self, id: ProjectId, user: UserId) -> Result<Member, Error> {
        self.table.get(&keys::member(id, user)).await?.ok_or(Error::NotFound("member"))
    }

    /// Stores an invitation under the hash of its code.
    pub async fn invite(&self, code: Sha256, invitation: &Invitation) -> Result<(), Error> {
        let item = InvitationItem { invitation, ttl: invitation.expires_at.millis() / 1_000 };
        match self.table.put_new(&keys::invitation(code), &item).await? {
            Written::Done => Ok(()),
            Written::Refused => Err(Error::Contended),
        }
    }

    /// Makes a person a member by an invitation, which is used up by it. Who is one already keeps the role there is, and
    /// the invitation stays for somebody else.
    pub async fn join(
        &self,
        code: Sha256,
        user: UserId,
        name: Option<String>,
        now: Timestamp,
    ) -> Result<(Project, Role), Error> {
        let invitation: Option<Invitation> = self.table.get(&keys::invitation(code)).await?;
        let invitation = invitation.filter(|found| found.expires_at > now).ok_or(NO_INVITATION)?;
        let project =
            self.get(invitation.project).await?.filter(|found| found.deleted_at.is_none()).ok_or(NO_INVITATION)?;
        let role = invitation.role;
        let member = Member { project: project.id, user, role, name, joined_at: Some(now) };
        let next = project.with_role_changed(None, Some(role))?;
        let used = Delete::builder().condition_expression("attribute_exists(pk)");
        let parts = vec![
            self.deleting(&keys::invitation(code), used)?,
            self.table.putting_new(to_item(&keys::member(project.id, user), &member)?)?,
            self.table.putting_new(to_item(&keys::membership(user, project.id), &member)?)?,
            self.replacing(&next)?,
        ];
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok((next, role)),
            Committed::Refused(parts) if parts.contains(&1) => self.for_member(project.id, user).await,
            Committed::Refused(parts) if parts.contains(&0) => Err(NO_INVITATION),
            Committed::Refused(_) => Err(Error::Contended),
        }
    }

    /// Gives a member another role. `read` is the project as it was read before the member.
    pub async fn change_role(&self, read: &Project, member: &Member, role: Role) -> Result<Member, Error> {
        let next = read.with_role_changed(Some(member.role), Some(role))?;
        let changed = Member { role, ..member.clone() };
        let [own, listed] = [keys::member(member.project, member.user), keys::membership(member.user, member.project)];
        let parts = vec![
            self.putting(&own, &changed, if_role(member.role, Put::builder()))?,
            self.putting(&listed, &changed, Put::builder())?,
            self.replacing(&next)?,
        ];
        self.as_read(parts).await.map(|()| changed)
    }

    /// Takes a member out. `read` is the project as it was read before the member.
    pub async fn remove_member(&self, read: &Project, member: &Member) -> Result<(), Error> {
        let next = read.with_role_changed(Some(member.role), None)?;
        let still = Delete::builder()
            .condition_expression("#role = :role")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":role", text(name_of(member.role)));
        let parts = vec![
            self.deleting(&keys::member(member.project, member.user), still)?,
            self.deleting(&keys::membership(member.user, member.project), Delete::builder())?,
            self.replacing(&next)?,
        ];
        self.as_read(parts).await
    }

    async fn as_read(&self, parts: Vec<TransactWriteItem>) -> Result<(), Error> {
        match commit(&self.table.client, parts).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) => Err(Error::Contended),
        }
    }

    fn putting(&self, key: &Key, member: &Member, put: PutBuilder) -> Result<TransactWriteItem, Error> {
        let put = put.table_name(&self.table.name).set_item(Some(to_item(key, member)?)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::unavailable)?).build())
    }

    fn deleting(&self, key: &Key, delete: DeleteBuilder) -> Result<TransactWriteItem, Error> {
        let delete = delete.table_name(&self.table.name).set_key(Some(key.item())).build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(Error::unavailable)?).build())
    }
}

fn if_role(role: Role, put: PutBuilder) -> PutBuilder {
    put.condition_expression("#role = :role")
        .expression_attribute_names("#role", "role")
        .expression_attribute_values(":role", text(name_of(role)))
}

/// A role as it is stored.
fn name_of(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Maintainer => "maintainer",
        Role::Owner => "owner",
    }
}
