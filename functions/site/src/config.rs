//! The environment of this function.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use web::{Environment, Missing};

/// Manifests kept without `SITE_MANIFEST_CACHE`.
const MANIFESTS: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// | variable | meaning |
/// |---|---|
/// | `ARTIFACTS_BUCKET` | the bucket of blobs and manifests |
/// | `SITE_LISTEN` | optional: serve plain HTTP on this address (`127.0.0.1:8080`) instead of running on Lambda |
/// | `SITE_MANIFEST_CACHE` | optional: how many manifests to keep in memory, 1 or more; 16. One of 20,000 files takes about 8 MB, and the function has 256 MB |
///
/// Besides those of the AWS client: `AWS_REGION`, `AWS_ACCESS_KEY_ID` and so on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `ARTIFACTS_BUCKET`
    pub bucket: String,
    /// `SITE_LISTEN`
    pub listen: Option<SocketAddr>,
    /// `SITE_MANIFEST_CACHE`
    pub manifests: NonZeroUsize,
}

impl Config {
    /// Reads the contract; an unusable value is an error that names its variable.
    pub fn from_env(environment: &Environment) -> Result<Self, Missing> {
        let set = |name: &str| environment.optional(name).is_some();
        Ok(Self {
            bucket: environment.required("ARTIFACTS_BUCKET")?,
            listen: set("SITE_LISTEN").then(|| environment.parsed("SITE_LISTEN")).transpose()?,
            manifests: match set("SITE_MANIFEST_CACHE") {
                true => environment.parsed("SITE_MANIFEST_CACHE")?,
                false => MANIFESTS,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, Missing> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_env(&Environment::of(variables))
    }

    #[test]
    fn only_the_bucket_is_required() {
        let config = read(&[("ARTIFACTS_BUCKET", "b")]).unwrap();
        assert_eq!(config, Config { bucket: "b".into(), listen: None, manifests: MANIFESTS });
        assert!(read(&[]).is_err());
    }

    #[test]
    fn an_unusable_value_is_refused_by_name() {
        for (name, value) in [("SITE_LISTEN", "8080"), ("SITE_MANIFEST_CACHE", "0")] {
            let error = read(&[("ARTIFACTS_BUCKET", "b"), (name, value)]).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
