//! Variables of builds, and what they change about the project.

use domain::variables::{Value, Variable, Variables};
use domain::{Environment, Error, Project};
use futures_util::future::join_all;

use crate::installation::Installation;
use crate::making::{moment, project, project_id, valid};

fn with(variables: &Variables, name: &str) -> Variables {
    let variable = Variable { value: Value::Plain("x".into()), updated_at: moment(0) };
    variables.with(Environment::Production, valid(name), variable).unwrap()
}

fn changed(read: &Project) -> Project {
    Project { build_revision: read.build_revision + 1, revision: read.revision + 1, ..read.clone() }
}

#[tokio::test]
async fn variables_and_the_projects_build_revision_change_together() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    let none = here.projects.variables(project_id(1)).await.unwrap();
    assert_eq!(none, Variables::default());
    let one = with(&none, "A");
    here.projects.set_variables(&changed(&project(1)), &one).await.unwrap();
    assert_eq!(here.projects.variables(project_id(1)).await.unwrap(), one);
    assert_eq!(here.projects.get(project_id(1)).await.unwrap().unwrap().build_revision, 1);
    let two = with(&one, "B");
    assert_eq!(here.projects.set_variables(&changed(&project(1)), &two).await, Err(Error::Contended));
    assert_eq!(here.projects.variables(project_id(1)).await.unwrap(), one);
}

#[tokio::test]
async fn of_ten_that_set_a_variable_at_once_none_writes_over_another() {
    let here = Installation::new().await;
    here.projects.create(&project(1)).await.unwrap();
    let set = |number: usize| {
        let here = &here;
        async move {
            let read = here.projects.get(project_id(1)).await.unwrap().unwrap();
            let variables = with(&here.projects.variables(project_id(1)).await.unwrap(), &format!("V{number}"));
            here.projects.set_variables(&changed(&read), &variables).await
        }
    };
    let done = join_all((0..10).map(set)).await.into_iter().filter(Result::is_ok).count();
    let stored = here.projects.variables(project_id(1)).await.unwrap();
    assert!(done > 0 && stored.production.len() == done, "{done}: {stored:#?}");
}
