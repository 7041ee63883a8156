//! Values to test with.

use std::str::FromStr;

use domain::deployment::{Exit, NewDeployment, TaskEvent};
use domain::upload::BuildSettings;
use domain::{Deployment, DeploymentId, Environment, Project, ProjectId, Signal, Timestamp, UserId};
use store::{Applied, Triggered};

use crate::installation::Installation;

/// A moment, this many seconds into the tests' time.
pub fn moment(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_767_323_045_000 + 1_000 * seconds as i64)
}

/// What the text says, which the test knows to be valid.
pub fn valid<T: FromStr<Err = domain::text::Invalid>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

pub fn user_id(number: u64) -> UserId {
    UserId::new(moment(number), u128::from(number))
}

pub fn project_id(number: u64) -> ProjectId {
    ProjectId::new(moment(number), u128::from(number))
}

/// A new project of the user 1.
pub fn project(number: u64) -> Project {
    Project {
        id: project_id(number),
        slug: valid(&format!("site-{number}")),
        repository: valid("https://github.com/owner/name"),
        branch: valid("main"),
        settings: BuildSettings::default(),
        created_by: user_id(1),
        created_at: moment(0),
        live: None,
        previous: None,
        pinned: false,
        retired: Vec::new(),
        deleted_at: None,
        owners: 1,
        build_revision: 0,
        edge_revision: 1,
        synced_revision: 0,
        revision: 1,
    }
}

/// A trigger of the project 1: the number names the deployment, `commit` what it builds.
pub fn trigger_of(number: u64, commit: u64, environment: Environment) -> NewDeployment {
    NewDeployment {
        id: DeploymentId::new(moment(number), u128::from(number)),
        project: project_id(1),
        environment,
        repository: valid("https://github.com/owner/name"),
        branch: valid("main"),
        commit: valid(&format!("{:040x}", commit + 1)),
        settings: BuildSettings::default(),
        build_revision: 0,
        created_by: user_id(1).into(),
    }
}

/// A ticket that names what it was made for.
pub fn ticket(number: u64) -> String {
    format!("slk_{number:064x}")
}

pub fn started(attempt: u32, version: u64) -> Signal {
    Signal::TaskStarted(task(attempt, version))
}

pub fn stopped(attempt: u32, version: u64, exit: Exit) -> Signal {
    Signal::TaskStopped(task(attempt, version), exit)
}

pub fn lost() -> Exit {
    Exit::Lost { detail: "Spot".into() }
}

fn task(attempt: u32, version: u64) -> TaskEvent {
    TaskEvent { task: format!("arn:aws:ecs:eu-west-1:1:task/{attempt}"), attempt, version }
}

/// A new deployment and the one it superseded.
pub fn new(triggered: Triggered) -> (Deployment, Option<Deployment>) {
    match triggered {
        Triggered::New { deployment, superseded } => (deployment, superseded),
        Triggered::Same(same) => panic!("{} stands for it already", same.id),
    }
}

/// The deployment as it is now, the one whose turn it is, and the project if it changed.
pub fn moved(applied: Applied) -> (Deployment, Option<Deployment>, Option<Project>) {
    match applied {
        Applied::Moved { deployment, next, live } => (deployment, next, live),
        other => panic!("{other:?}"),
    }
}

impl Installation {
    /// Triggers the production deployment of a commit that has its number.
    pub async fn triggered(&self, number: u64) -> Deployment {
        let new_deployment = trigger_of(number, number, Environment::Production);
        new(self.deployments.trigger(new_deployment, &ticket(number), moment(number)).await.unwrap()).0
    }

    pub async fn apply(&self, deployment: &Deployment, signal: Signal) -> Applied {
        let (project, id) = (deployment.project, deployment.id);
        self.deployments.apply(project, id, signal, &ticket(99), moment(500)).await.unwrap()
    }

    pub async fn committed(&self, deployment: &Deployment) -> Applied {
        self.deployments.committed(&self.projects, deployment, &ticket(99), moment(500)).await.unwrap()
    }

    /// The deployment as it is stored.
    pub async fn stored(&self, deployment: &Deployment) -> Deployment {
        self.deployments.get(deployment.project, deployment.id).await.unwrap()
    }
}
