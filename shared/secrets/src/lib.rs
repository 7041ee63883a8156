//! Secrets that have to be read again in the clear, as SSM SecureStrings. The only crate that names SSM.
//!
//! They are encrypted with the account's own key for SSM (`aws/ssm`), which costs nothing, and so do standard parameters.
//! What only has to be recognised is no matter for here: of that the tables hold a hash.

mod names;

use std::collections::HashMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::DisplayErrorContext;
use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use aws_types::SdkConfig;
use domain::Error;

pub use names::Name;

/// The installation's secrets.
#[derive(Debug, Clone)]
pub struct Secrets {
    client: Client,
    prefix: String,
}

impl Secrets {
    /// The secrets whose parameters' names begin with this prefix, reached with this configuration.
    pub fn new(config: &SdkConfig, prefix: String) -> Self {
        Self { client: Client::new(config), prefix }
    }

    /// Stores a secret, in place of the one that was there. `LimitExceeded` when the account is full of parameters,
    /// `Contended` when the same one is being written by others.
    pub async fn put(&self, name: &Name, value: &str) -> Result<(), Error> {
        let request = self
            .client
            .put_parameter()
            .name(name.below(&self.prefix))
            .value(value)
            .r#type(ParameterType::SecureString)
            // Whatever the account's default is: the other tiers cost.
            .tier(ParameterTier::Standard)
            .overwrite(true);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.as_service_error() {
                Some(service) if service.is_parameter_limit_exceeded() => Error::LimitExceeded(
                    "the account has as many SSM parameters as it may have in this region; delete some".into(),
                ),
                Some(service) if service.is_too_many_updates() => Error::Contended,
                _ => Error::unavailable(DisplayErrorContext(&error)),
            }),
        }
    }

    /// A secret in the clear; `None` when there is none.
    pub async fn get(&self, name: &Name) -> Result<Option<String>, Error> {
        let request = self.client.get_parameter().name(name.below(&self.prefix)).with_decryption(true);
        match request.send().await {
            Ok(answer) => Ok(answer.parameter.and_then(|parameter| parameter.value)),
            Err(error) => match error.as_service_error() {
                Some(service) if service.is_parameter_not_found() => Ok(None),
                _ => Err(Error::unavailable(DisplayErrorContext(&error))),
            },
        }
    }

    /// Secrets in the clear, in the order of their names; `None` where there is none. One request for ten.
    pub async fn get_all(&self, names: &[Name]) -> Result<Vec<Option<String>>, Error> {
        let mut found = HashMap::new();
        for some in names.chunks(10) {
            let names = some.iter().map(|name| name.below(&self.prefix)).collect();
            let answer = self.client.get_parameters().set_names(Some(names)).with_decryption(true).send().await;
            let answer = answer.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
            let pairs = answer.parameters.unwrap_or_default().into_iter();
            found.extend(pairs.filter_map(|parameter| Some((parameter.name?, parameter.value?))));
        }
        Ok(names.iter().map(|name| found.remove(&name.below(&self.prefix))).collect())
    }

    /// Deletes a secret; one that is not there is fine.
    pub async fn delete(&self, name: &Name) -> Result<(), Error> {
        match self.client.delete_parameter().name(name.below(&self.prefix)).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(service) if service.is_parameter_not_found() => Ok(()),
                _ => Err(Error::unavailable(DisplayErrorContext(&error))),
            },
        }
    }
}
