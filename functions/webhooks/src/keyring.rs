//! Secrets that this process has read before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_types::SdkConfig;
use domain::{Error, Sha256, Webhook};
use secrets::{Name, Secrets};

/// Secrets that are kept at most. A process of a function serves far fewer projects before it is replaced.
const MOST: usize = 1_000;

/// Reads a webhook's secret once per process. SSM takes 40 reads a second from a whole account, and anybody may send a
/// request here. The table says which secret counts, so one that was replaced is not used a moment longer.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    secrets: Secrets,
    known: Arc<Mutex<HashMap<Sha256, String>>>,
}

impl Keyring {
    pub(crate) fn new(aws: &SdkConfig, prefix: String) -> Self {
        Self { secrets: Secrets::new(aws, prefix), known: Arc::default() }
    }

    /// The secret that counts; `None` when it is gone, in the moment in which it is replaced.
    pub(crate) async fn secret_of(&self, webhook: &Webhook) -> Result<Option<String>, Error> {
        let wanted = webhook.secret_sha256;
        if let Some(known) = self.kept(wanted) {
            return Ok(Some(known));
        }
        let found = self.secrets.get(&Name::webhook(webhook.project, wanted)).await?;
        let found = found.filter(|secret| Sha256::of(secret.as_bytes()) == wanted);
        if let Some(secret) = &found {
            self.keep(wanted, secret.clone());
        }
        Ok(found)
    }

    fn kept(&self, wanted: Sha256) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&wanted).cloned()
    }

    fn keep(&self, hash: Sha256, secret: String) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, secret);
    }
}
