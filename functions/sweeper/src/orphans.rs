//! Tasks that run although their deployment is over or has moved on to another attempt.

use domain::{Error, Signal};

use crate::{State, Swept};

pub(crate) async fn sweep(state: &State, swept: &mut Swept) -> Result<(), Error> {
    let mut after = None;
    loop {
        let (running, next) = state.builds.running(after).await?;
        page_of(state, &running, swept).await?;
        match next {
            Some(_) => after = next,
            None => return Ok(()),
        }
    }
}

async fn page_of(state: &State, running: &[String], swept: &mut Swept) -> Result<(), Error> {
    for task in state.builds.describe(running).await? {
        let Some(Signal::TaskStarted(event)) = &task.signal else { continue };
        let wanted = match state.deployments.get(task.project, task.deployment).await {
            Ok(deployment) => !deployment.status.is_terminal() && deployment.attempt == event.attempt,
            Err(Error::NotFound(_)) => false,
            Err(other) => return Err(other),
        };
        // A builder that has just committed ends by itself; stopping it then costs nothing.
        if !wanted {
            state.builds.stop(&task.arn, "its deployment is over").await?;
            swept.stopped += 1;
        }
    }
    Ok(())
}
