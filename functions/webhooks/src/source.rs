//! Which repository a delivery is of.

use domain::webhook::{Recognised, Source};
use domain::{Error, Project, Webhook};

use crate::State;
use crate::payload::Repository;

impl State {
    /// Whether a signed delivery is of the project's repository; the first one tells the repository's number.
    pub(crate) async fn is_of(&self, project: &Project, webhook: Webhook, named: &Repository) -> Result<bool, Error> {
        match webhook.recognise(project, &named.source()) {
            Recognised::Known => Ok(true),
            Recognised::Foreign => Ok(false),
            // A copy of the delivery may have been faster; then it told the same.
            Recognised::First(next) => Ok(self.projects.update_webhook(next).await?.repository_id == Some(named.id)),
        }
    }
}

impl Repository {
    /// Without addresses that are no repository's.
    fn source(&self) -> Source {
        let addresses = [&self.clone_url, &self.html_url].into_iter().flatten();
        Source { id: self.id, addresses: addresses.filter_map(|address| address.parse().ok()).collect() }
    }
}
