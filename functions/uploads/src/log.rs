//! `POST log`: a numbered chunk of lines.

use axum::extract::State as FromState;
use domain::Error;
use domain::upload::{LogChunk, MOST_LINE_BYTES, MOST_LINES};
use http::StatusCode;
use store::CHUNKS_PER_ATTEMPT;
use web::Problem;

use crate::State;
use crate::body::Compressed;
use crate::builder::Builder;

/// Most bytes of text in a chunk: an item may have 400 KB, and JSON escapes some characters.
const MOST_CHUNK_BYTES: usize = 200 * 1024;

/// Stores a chunk. Lines may follow the end of a deployment: the last words of a build that was canceled or committed.
pub(crate) async fn write(
    FromState(state): FromState<State>,
    Builder(deployment): Builder,
    Compressed(chunk): Compressed<LogChunk>,
) -> Result<StatusCode, Problem> {
    let bytes: usize = chunk.lines.iter().map(|line| line.text.len()).sum();
    // A cut line carries a mark behind its limit.
    let long = chunk.lines.iter().any(|line| line.text.len() > MOST_LINE_BYTES + 64);
    if chunk.number >= CHUNKS_PER_ATTEMPT || chunk.lines.len() > MOST_LINES || bytes > MOST_CHUNK_BYTES || long {
        let limits =
            "a log has at most 10,000 chunks, a chunk at most 500 lines and 200 KB, a line at most 4,096 bytes";
        return Err(Error::LimitExceeded(limits.into()).into());
    }
    state.deployments.write_log(deployment.id, deployment.attempt, &chunk, (state.clock)()).await?;
    Ok(StatusCode::NO_CONTENT)
}
