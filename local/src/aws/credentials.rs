//! Credentials of one installation: any access key is valid, its secret follows from it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Error, clock, durable};

/// Derives the secret of every access key from a random seed that never leaves the state directory. So whoever starts
/// a function can give it credentials of its own, and S3 can verify its signatures, without a list to keep.
#[derive(Clone)]
pub struct Credentials {
    seed: Arc<[u8; 32]>,
}

impl Credentials {
    /// Reads the seed in `dir`, or makes one the first time.
    ///
    /// # Errors
    /// When the directory cannot be written or the seed file is not one of ours.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::file("create", dir))?;
        let path = dir.join("credentials.seed");
        match fs::read(&path) {
            Ok(bytes) => {
                let seed = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| Error::Unreadable {
                    path: path.clone(),
                    reason: format!("a seed has 32 bytes, this file {}", bytes.len()),
                })?;
                Ok(Self { seed: Arc::new(seed) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let seed = clock::random::<32>();
                durable::replace(&path, &seed).map_err(Error::file("write", &path))?;
                Ok(Self { seed: Arc::new(seed) })
            }
            Err(error) => Err(Error::file("read", &path)(error)),
        }
    }

    /// The secret key that belongs to `access_key`: 40 characters, the same on every call and after every restart.
    pub fn secret_for(&self, access_key: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.seed.as_slice()).expect("HMAC takes a key of any length");
        mac.update(access_key.as_bytes());
        BASE64_STANDARD.encode(&mac.finalize().into_bytes()[..30])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_same_after_a_restart_and_differs_by_key_and_installation() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = Credentials::open(one.path()).unwrap().secret_for("AKIA1");
        assert_eq!(first.len(), 40);
        assert_eq!(first, Credentials::open(one.path()).unwrap().secret_for("AKIA1"));
        assert_ne!(first, Credentials::open(one.path()).unwrap().secret_for("AKIA2"));
        assert_ne!(first, Credentials::open(other.path()).unwrap().secret_for("AKIA1"));
    }

    #[test]
    fn a_damaged_seed_is_reported_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("credentials.seed"), b"short").unwrap();
        assert!(matches!(Credentials::open(dir.path()), Err(Error::Unreadable { .. })));
    }
}
