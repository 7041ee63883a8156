//! Git servers, asked over smart HTTP where a branch stands. The only crate of the backend that talks to them.
//!
//! No `git` in the functions: one GET answers the question, and nothing of the answer is run or stored.

use std::time::Duration;

use bytes::Bytes;
use domain::{Branch, Commit, Error, RepositoryPolicy, RepositoryUrl, git_refs};
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Most bytes of an advertisement that are read: about 100,000 references.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How long a server may take for its whole answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads references of repositories that the policy accepts.
#[derive(Debug, Clone)]
pub struct Repositories {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    policy: RepositoryPolicy,
}

impl Repositories {
    /// A reader under this policy. Fails when the machine has no root certificates.
    pub fn new(policy: RepositoryPolicy) -> std::io::Result<Self> {
        let connector =
            hyper_rustls::HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), policy })
    }

    /// Whether the policy accepts this repository.
    pub fn check(&self, repository: &RepositoryUrl) -> Result<(), Error> {
        Ok(self.policy.check(repository)?)
    }

    /// The commit at which a branch stands now. Redirects are not followed: they could lead anywhere.
    pub async fn branch_commit(&self, repository: &RepositoryUrl, branch: &Branch) -> Result<Commit, Error> {
        self.check(repository)?;
        let unreadable = |why: &str| Error::RepositoryUnreadable(why.to_owned());
        let advertisement = tokio::time::timeout(PATIENCE, self.advertisement(repository))
            .await
            .map_err(|_| unreadable("its server did not answer within 10 seconds"))??;
        let commit = git_refs::branch_commit(&advertisement, branch).map_err(|error| unreadable(&error.to_string()))?;
        commit.ok_or_else(|| Error::BranchMissing(branch.to_string()))
    }

    async fn advertisement(&self, repository: &RepositoryUrl) -> Result<Bytes, Error> {
        let unreadable = |why: String| Error::RepositoryUnreadable(why);
        let address = format!("{}/info/refs?service=git-upload-pack", repository.clone_address());
        let uri: Uri = address.parse().map_err(|_| unreadable("its address is not usable".into()))?;
        let request = Request::get(uri)
            .header(header::USER_AGENT, "git/2 (slipway)")
            .body(Empty::new())
            .map_err(|_| unreadable("its address is not usable".into()))?;
        let answer =
            self.client.request(request).await.map_err(|_| unreadable("its server cannot be reached".into()))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(unreadable("there is none at this address, or it is private".into()));
            }
            status => return Err(unreadable(format!("its server answered {status}"))),
        }
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
        Ok(body.map_err(|_| unreadable("its list of branches is too large or broke off".into()))?.to_bytes())
    }
}
