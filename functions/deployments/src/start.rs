//! Starting a deployment's build.

use domain::Deployment;

use crate::State;

impl State {
    /// Asks for the task of a deployment whose turn it is. A failure is logged and no more: the deployment is stored
    /// with everything that the call needs, and the sweeper repeats it.
    pub(crate) async fn start(&self, deployment: &Deployment) {
        let now = (self.clock)();
        let started = async {
            let task = self.builds.start(deployment).await?;
            self.deployments.dispatched(deployment, &task, now).await
        };
        if let Err(error) = started.await {
            tracing::warn!(deployment = %deployment.id, %error, "the build was not started; the sweeper will try again");
        }
    }

    /// Tells the account; a failure is logged and no more, because the sweeper repeats what matters.
    pub(crate) async fn tell(&self, events: &[bus::Event]) {
        if let Err(error) = self.bus.send(events).await {
            tracing::warn!(%error, "an event was not sent");
        }
    }
}
