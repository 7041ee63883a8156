//! `/projects/{project}/variables`: what builds get in their environment. A secret's value goes in and never out.

use axum::extract::State as FromState;
use domain::project::Role;
use domain::variables::{Value, Variable, VariableName, Variables, check_value};
use domain::{Environment, Error, Project, ProjectId, Timestamp};
use http::StatusCode;
use secrets::Name;
use serde::{Deserialize, Serialize};
use web::{Json, Path, Principal, Problem, random};

use crate::State;

/// Which variable.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    project: ProjectId,
    environment: Environment,
    name: VariableName,
}

/// What a variable is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewValue {
    value: String,
    /// Whether it is never shown again, in the API or in a log.
    #[serde(default)]
    secret: bool,
}

/// A variable as it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct VariableAnswer {
    environment: Environment,
    name: VariableName,
    /// None if it is a secret.
    value: Option<String>,
    secret: bool,
    updated_at: Timestamp,
}

#[derive(Debug, Serialize)]
pub(crate) struct AllVariables {
    variables: Vec<VariableAnswer>,
}

/// `GET /projects/{project}/variables`
pub(crate) async fn list(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(id): Path<ProjectId>,
) -> Result<Json<AllVariables>, Problem> {
    state.to_build(id, principal).await?;
    let all = state.projects.variables(id).await?;
    let of = |environment| all.of(environment).iter().map(move |(name, variable)| answer(environment, name, variable));
    let variables = of(Environment::Production).chain(of(Environment::Preview)).collect();
    Ok(Json(AllVariables { variables }))
}

/// `PUT /projects/{project}/variables/{environment}/{name}`: the next build has it.
pub(crate) async fn set(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
    Json(new): Json<NewValue>,
) -> Result<Json<VariableAnswer>, Problem> {
    let project = state.to_build(place.project, principal).await?;
    check_value(&new.value, new.secret)?;
    let read = state.projects.variables(place.project).await?;
    let kept = new.secret.then(|| format!("{:032x}", random::number()));
    let value = match &kept {
        Some(id) => Value::Secret(id.clone()),
        None => Value::Plain(new.value.clone()),
    };
    let variable = Variable { value, updated_at: (state.clock)() };
    let shown = answer(place.environment, &place.name, &variable);
    let next = read.with(place.environment, place.name.clone(), variable)?;
    // First the value, then that there is one: a build never finds a secret without its value.
    if let Some(id) = &kept {
        state.secrets.put(&Name::variable(place.project, id), &new.value).await?;
    }
    if let Err(error) = state.write(project, &next).await {
        state.forget(kept.map(|id| Name::variable(place.project, &id))).await;
        return Err(error.into());
    }
    let before = read.of(place.environment).get(&place.name).and_then(Variable::kept_under);
    state.forget(before.map(|id| Name::variable(place.project, id))).await;
    Ok(Json(shown))
}

/// `DELETE /projects/{project}/variables/{environment}/{name}`
pub(crate) async fn delete(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
) -> Result<StatusCode, Problem> {
    let project = state.to_build(place.project, principal).await?;
    let read = state.projects.variables(place.project).await?;
    let next = read.without(place.environment, &place.name).ok_or(Error::NotFound("variable"))?;
    state.write(project, &next).await?;
    let before = read.of(place.environment).get(&place.name).and_then(Variable::kept_under);
    state.forget(before.map(|id| Name::variable(place.project, id))).await;
    Ok(StatusCode::NO_CONTENT)
}

impl State {
    /// The project, if the caller may see and change how it is built.
    async fn to_build(&self, id: ProjectId, principal: Principal) -> Result<Project, Error> {
        match self.projects.for_member(id, principal.user).await? {
            (project, Role::Owner | Role::Maintainer) => Ok(project),
            (_, Role::Viewer) => {
                Err(Error::Forbidden("viewers see no variables; ask an owner of the project for the maintainer role"))
            }
        }
    }

    async fn write(&self, read: Project, next: &Variables) -> Result<(), Error> {
        let project = Project { build_revision: read.build_revision + 1, revision: read.revision + 1, ..read };
        self.projects.set_variables(&project, next).await
    }
}

fn answer(environment: Environment, name: &VariableName, variable: &Variable) -> VariableAnswer {
    VariableAnswer {
        environment,
        name: name.clone(),
        value: variable.plain().map(str::to_owned),
        secret: variable.kept_under().is_some(),
        updated_at: variable.updated_at,
    }
}
