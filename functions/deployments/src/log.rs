//! `GET /projects/{project}/deployments/{deployment}/log`

use axum::extract::State as FromState;
use domain::log::LogLine;
use serde::{Deserialize, Serialize};
use web::{Json, Path, Principal, Problem, Query};

use crate::{Place, State};

/// How long a reader waits before it asks again, while lines may still come.
const RETRY_AFTER_MS: u32 = 250;

#[derive(Debug, Deserialize)]
pub(crate) struct From {
    /// The `next` of the answer before; from the beginning when absent.
    from: Option<u32>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Lines {
    lines: Vec<LogLine>,
    /// What to give as `from` next time.
    next: u32,
    /// When to ask again, in milliseconds; none when the log is complete.
    retry_after_ms: Option<u32>,
}

/// The log as far as it is written: answers at once and says when to ask again.
pub(crate) async fn read(
    FromState(state): FromState<State>,
    principal: Principal,
    Path(place): Path<Place>,
    Query(From { from }): Query<From>,
) -> Result<Json<Lines>, Problem> {
    state.projects.for_member(place.project, principal.user).await?;
    // The status first: lines that were written before the end are then certainly among those read after it.
    let over = state.deployments.get(place.project, place.deployment).await?.status.is_terminal();
    let from = from.unwrap_or(0);
    let (lines, next) = state.deployments.read_log(place.deployment, from).await?;
    let retry_after_ms = match (over, next > from) {
        (true, false) => None,
        (true, true) => Some(0),
        (false, _) => Some(RETRY_AFTER_MS),
    };
    Ok(Json(Lines { lines, next, retry_after_ms }))
}
