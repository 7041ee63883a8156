//! What a build leaves beside its deployment: its log, in numbered chunks, and how much of an upload is verified.

use std::time::Duration;

use domain::log::LogLine;
use domain::upload::LogChunk;
use domain::{DeploymentId, Error, Sha256, Timestamp};
use serde::{Deserialize, Serialize};

use super::Deployments;
use crate::item::from_item;
use crate::keys;
use crate::table::Range;

/// How long chunks are kept. The deployment's own record says how it ended.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Most chunks of one attempt's log.
pub const CHUNKS_PER_ATTEMPT: u32 = 10_000;

/// The lines are one JSON text: an item may have 400 KB, and a list of maps would spend half of it on names.
#[derive(Serialize, Deserialize)]
struct ChunkItem {
    number: u32,
    lines: String,
    /// Seconds since the epoch, as DynamoDB's time to live wants it.
    ttl: i64,
}

impl Deployments {
    /// Stores a chunk. The same number again is the same call repeated, and changes nothing. The chunks of a second
    /// attempt follow those of the first.
    pub async fn write_log(
        &self,
        deployment: DeploymentId,
        attempt: u32,
        chunk: &LogChunk,
        now: Timestamp,
    ) -> Result<(), Error> {
        let lines = serde_json::to_string(&chunk.lines).map_err(Error::unavailable)?;
        let number = attempt.saturating_sub(1) * CHUNKS_PER_ATTEMPT + chunk.number;
        let item = ChunkItem { number, lines, ttl: now.plus(KEPT).millis() / 1000 };
        self.table.put_new(&keys::log_chunk(deployment, number), &item).await.map(|_| ())
    }

    /// Lines from chunk `from` on, at most about a megabyte, and the number of the chunk to ask for next.
    pub async fn read_log(&self, deployment: DeploymentId, from: u32) -> Result<(Vec<LogLine>, u32), Error> {
        let after = from.checked_sub(1).map(keys::log_chunk_sort);
        let range = Range { prefix: "CHUNK#", after: after.as_deref(), newest_first: false };
        let items = self.table.query(&keys::log(deployment), range, 50).await?;
        let mut lines = Vec::new();
        let mut next = from;
        for item in items {
            let chunk: ChunkItem = from_item(item)?;
            lines.extend(serde_json::from_str::<Vec<LogLine>>(&chunk.lines).map_err(Error::unavailable)?);
            next = chunk.number + 1;
        }
        Ok((lines, next))
    }

    /// The manifest pages of an upload that were verified, by the hashes of their content: a page that is sent again
    /// with other entries is another page.
    pub async fn verified_pages(&self, deployment: DeploymentId) -> Result<Vec<Sha256>, Error> {
        let found: Option<Upload> = self.table.get(&keys::upload(deployment)).await?;
        Ok(found.map(|upload| upload.verified_pages).unwrap_or_default())
    }

    /// Records that these manifest pages of an upload were verified.
    pub async fn set_verified_pages(
        &self,
        deployment: DeploymentId,
        pages: &[Sha256],
        now: Timestamp,
    ) -> Result<(), Error> {
        let upload = Upload { verified_pages: pages.to_vec(), ttl: now.plus(UPLOAD_KEPT).millis() / 1000 };
        self.table.put(&keys::upload(deployment), &upload).await
    }
}

/// How long an upload's progress is kept: longer than any build takes.
const UPLOAD_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Serialize, Deserialize)]
struct Upload {
    verified_pages: Vec<Sha256>,
    ttl: i64,
}
