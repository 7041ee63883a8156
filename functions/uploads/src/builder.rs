//! Who may upload: the holder of the deployment's own token, while the deployment is not over.

use axum::extract::FromRequestParts;
use domain::{Deployment, Error, Sha256};
use http::request::Parts;
use web::{Path, Problem, bearer};

use crate::{Place, State};

/// A deployment whose builder is asking. One answer for a wrong token and a deployment that does not exist, so that
/// nothing can be probed.
pub(crate) struct Builder(pub Deployment);

const REFUSED: Error = Error::Unauthenticated("the token is not this deployment's; register with its ticket first");

impl FromRequestParts<State> for Builder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Path(place) = Path::<Place>::from_request_parts(parts, state).await?;
        let token = bearer(&parts.headers).map(|token| Sha256::of(token.as_bytes())).ok_or(REFUSED)?;
        let deployment = match state.deployments.get(place.project, place.deployment).await {
            Ok(deployment) => deployment,
            Err(Error::NotFound(_)) => return Err(REFUSED.into()),
            Err(other) => return Err(other.into()),
        };
        match deployment.token_sha256 == Some(token) {
            true => Ok(Self(deployment)),
            false => Err(REFUSED.into()),
        }
    }
}

impl Builder {
    /// The deployment, if uploading to it still makes sense.
    pub(crate) fn open(self) -> Result<Deployment, Error> {
        match self.0.status.is_terminal() {
            true => Err(Error::NotNow(format!("the deployment is {} already", self.0.status.name()))),
            false => Ok(self.0),
        }
    }
}
