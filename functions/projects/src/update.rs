//! `PATCH /projects/{project}`

use axum::extract::State as FromState;
use domain::project::Role;
use domain::upload::BuildSettings;
use domain::{Branch, Error, Project, ProjectId, RepositoryUrl, Slug};
use serde::Deserialize;
use serde_json::{Map, Value};
use web::answer::ProjectAnswer;
use web::{Json, Path, Principal, Problem};

use crate::State;

/// What to change; what is absent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    slug: Option<Slug>,
    repository: Option<RepositoryUrl>,
    branch: Option<Branch>,
    /// A merge patch (RFC 7396): a member replaces, `null` takes away, what is absent stays.
    settings: Option<Map<String, Value>>,
}

/// Changes a project. The next deployment is the first that is built in the new way; a new slug is served at once.
pub(crate) async fn update(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
    Json(change): Json<Change>,
) -> Result<Json<ProjectAnswer>, Problem> {
    let (read, role) = state.projects.for_member(id, principal.user).await?;
    may_change(role, &change)?;
    let next = changed(&read, &change)?;
    if (&next.repository, &next.branch) != (&read.repository, &read.branch) {
        state.repositories.branch_commit(&next.repository, &next.branch).await?;
    }
    let now = (state.clock)();
    let renamed = change.slug.and_then(|slug| next.renamed(slug, now));
    let written = match renamed {
        Some(renamed) => {
            state.projects.rename(&renamed, now).await?;
            state.tell_edge(id).await;
            renamed
        }
        None if next == read => read,
        None => {
            let next = Project { revision: read.revision + 1, ..next };
            state.projects.replace(&next).await?;
            next
        }
    };
    Ok(Json(ProjectAnswer::new(written, role, &state.sites)))
}

fn changed(read: &Project, change: &Change) -> Result<Project, Error> {
    let mut next = read.clone();
    next.repository = change.repository.clone().unwrap_or(next.repository);
    next.branch = change.branch.clone().unwrap_or(next.branch);
    if let Some(patch) = &change.settings {
        next.settings = merged(&read.settings, patch)?;
    }
    if (&next.repository, &next.settings) != (&read.repository, &read.settings) {
        next.build_revision += 1;
    }
    Ok(next)
}

fn merged(settings: &BuildSettings, patch: &Map<String, Value>) -> Result<BuildSettings, Error> {
    let mut all = match serde_json::to_value(settings).map_err(Error::unavailable)? {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    for (name, value) in patch {
        all.insert(name.clone(), value.clone());
    }
    all.retain(|_, value| !value.is_null());
    serde_json::from_value(Value::Object(all)).map_err(|error| Error::Invalid(format!("settings: {error}")))
}

/// Maintainers change how a project is built; its name and its source are its owner's.
fn may_change(role: Role, change: &Change) -> Result<(), Error> {
    let owners = change.slug.is_some() || change.repository.is_some();
    match role {
        Role::Owner => Ok(()),
        Role::Maintainer if !owners => Ok(()),
        Role::Maintainer => Err(Error::Forbidden("only an owner of the project changes its slug or repository")),
        Role::Viewer => Err(Error::Forbidden("viewers look only; ask an owner of the project for the maintainer role")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(settings: Value, patch: Value) -> Result<Value, Error> {
        let Value::Object(patch) = patch else { panic!("a patch is an object") };
        let settings = serde_json::from_value(settings).unwrap();
        merged(&settings, &patch).map(|settings| serde_json::to_value(settings).unwrap())
    }

    #[test]
    fn a_member_replaces_null_takes_away_and_the_rest_stays() {
        let before = json!({ "build_command": "make", "output_directory": "out" });
        let patched = patch(before, json!({ "build_command": null, "install_command": "npm ci" })).unwrap();
        assert_eq!(patched, json!({ "install_command": "npm ci", "output_directory": "out" }));
    }

    #[test]
    fn an_unknown_or_wrong_setting_is_refused_by_name() {
        for (wrong, named) in [(json!({ "colour": "red" }), "colour"), (json!({ "build_command": 7 }), "string")] {
            let error = patch(json!({}), wrong).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
