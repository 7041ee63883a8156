//! `POST failure`: there will be nothing to commit, and why.

use axum::extract::State as FromState;
use domain::deployment::Failure;
use domain::upload::FailureReport;
use domain::{Signal, secret};
use http::StatusCode;
use store::Applied;
use web::{Problem, random};

use crate::State;
use crate::body::Compressed;
use crate::builder::Builder;

/// Most characters of a failure's sentence.
const MOST_CHARACTERS: usize = 2_000;

/// Ends the deployment as failed, at once. A repeated report changes nothing, nor does one of an attempt that was given up.
pub(crate) async fn failure(
    FromState(state): FromState<State>,
    Builder(deployment): Builder,
    Compressed(report): Compressed<FailureReport>,
) -> Result<StatusCode, Problem> {
    let message: String = report.message.chars().take(MOST_CHARACTERS).collect();
    let signal = Signal::Failed { attempt: deployment.attempt, failure: Failure::new(report.code, message) };
    let ticket = secret::secret(secret::Kind::Ticket, random::bytes());
    let now = (state.clock)();
    let applied = state.deployments.apply(deployment.project, deployment.id, signal, &ticket, now).await?;
    if let Applied::Moved { deployment, .. } = applied {
        // The next one in the queue is started by whoever hears of this one's end.
        state.tell(&[bus::Event::status_of(&deployment)]).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
