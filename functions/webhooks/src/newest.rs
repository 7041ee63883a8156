//! Deploying what a branch stands at. Deliveries come in any order, and an old one may be sent again: a push says that
//! its branch has moved, and the Git server says where it is.

use std::time::Duration;

use domain::deployment::NewDeployment;
use domain::{Commit, Creator, DeploymentId, Environment, Error, Project, secret};
use store::Triggered;
use tokio::time::{Instant, timeout_at};
use web::random;

use crate::State;
use crate::answer::Answer;
use crate::push::{Ignored, Pushed};

/// How long the Git server is asked before the push is believed. GitHub waits 10 seconds for the whole answer.
const PATIENCE: Duration = Duration::from_secs(3);

impl State {
    /// Triggers the deployment that a push asks for, unless it stands already, and tells whoever starts builds.
    pub(crate) async fn deploy(&self, project: &Project, pushed: Pushed) -> Result<Answer, Error> {
        let triggered = match self.trigger(project, &pushed).await {
            Err(Error::BranchMissing(_)) => return Ok(Answer::Ignored(Ignored::Gone)),
            other => other?,
        };
        Ok(match triggered {
            Triggered::Same(deployment) => Answer::stands(&deployment),
            Triggered::New { deployment, superseded } => {
                let told: Vec<_> = superseded.iter().chain([&deployment]).map(bus::Event::status_of).collect();
                if let Err(error) = self.bus.send(&told).await {
                    tracing::warn!(%error, "nobody was told of a push; the sweeper will start its build");
                }
                Answer::accepted(&deployment)
            }
        })
    }

    /// A deployment has its place by when the branch was looked at: if another deployment came between the look and
    /// the trigger, whoever triggered that may have seen a newer commit, and the branch is looked at again.
    async fn trigger(&self, project: &Project, pushed: &Pushed) -> Result<Triggered, Error> {
        let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
        let until = Instant::now() + PATIENCE;
        let mut commit = pushed.commit.clone();
        while Instant::now() < until {
            let newest = self.deployments.newest(project.id).await?;
            let Some(seen) = self.look(project, pushed, until).await? else { break };
            commit = seen;
            let new = self.new_deployment(project, pushed, commit.clone());
            if let Some(done) = self.deployments.trigger_next_to(newest, new, &ticket, (self.clock)()).await? {
                return Ok(done);
            }
        }
        self.deployments.trigger(self.new_deployment(project, pushed, commit), &ticket, (self.clock)()).await
    }

    /// Where the branch stands; `None` if the Git server does not say so until then.
    async fn look(&self, project: &Project, pushed: &Pushed, until: Instant) -> Result<Option<Commit>, Error> {
        let asked = self.repositories.branch_commit(&project.repository, &pushed.branch);
        let why = match timeout_at(until, asked).await {
            Ok(Ok(commit)) => return Ok(Some(commit)),
            Ok(Err(gone @ Error::BranchMissing(_))) => return Err(gone),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the Git server did not answer in time".to_owned(),
        };
        tracing::warn!(why, "the branch could not be looked at; the push is believed");
        Ok(None)
    }

    fn new_deployment(&self, project: &Project, pushed: &Pushed, commit: Commit) -> NewDeployment {
        let production = pushed.branch == project.branch;
        NewDeployment {
            id: DeploymentId::new((self.clock)(), random::number()),
            project: project.id,
            environment: if production { Environment::Production } else { Environment::Preview },
            repository: project.repository.clone(),
            branch: pushed.branch.clone(),
            commit,
            settings: project.settings.clone(),
            build_revision: project.build_revision,
            created_by: Creator::Push(pushed.login.clone()),
        }
    }
}
