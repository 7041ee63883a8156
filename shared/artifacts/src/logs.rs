//! Finished logs.

use domain::log::LogLine;
use domain::{DeploymentId, ProjectId};

use crate::error::Error;
use crate::{Artifacts, keys};

impl Artifacts {
    /// Stores the log of a finished deployment, in place of an earlier one: whoever writes it has the same lines.
    pub async fn put_log(&self, project: ProjectId, deployment: DeploymentId, lines: &[LogLine]) -> Result<(), Error> {
        self.write_json(&keys::log(project, deployment), lines).await
    }

    /// The log of a finished deployment; `None` if it was not written (yet).
    pub async fn log(&self, project: ProjectId, deployment: DeploymentId) -> Result<Option<Vec<LogLine>>, Error> {
        self.read_json(&keys::log(project, deployment)).await
    }
}
