//! Password hashing: Argon2id at OWASP's parameters (19 MiB, 2 passes, 1 lane), off the async thread.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::{Error, Password};
use web::random;

/// OWASP Password Storage Cheat Sheet: m=19456 (19 MiB), t=2, p=1.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("the parameters are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, Error> {
    let salt = &random::bytes()[..16];
    let hash = argon2().hash_password_with_salt(password.as_bytes(), salt).map_err(Error::unavailable)?;
    Ok(hash.to_string())
}

/// The hash of a password, in PHC string format.
pub(crate) async fn hash(password: Password) -> Result<String, Error> {
    tokio::task::spawn_blocking(move || hash_now(password.expose())).await.map_err(Error::unavailable)?
}

/// A hash at the same parameters that no known password has, so that an unknown e-mail address costs the same work as a
/// known one, from the first request on.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2xpcHdheS1ub2JvZHkhIQ$n3OQW3m5Yk0cS7r1xT8uV2bq4LhJd9aZe6fGp0iRwKo";

/// Whether this is the password of that hash. Without a hash the answer is no, after the same work.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool, Error> {
    let verified = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let matches =
            PasswordHash::new(&hash).is_ok_and(|parsed| argon2().verify_password(password.as_bytes(), &parsed).is_ok());
        matches && known
    });
    verified.await.map_err(Error::unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_account_costs_a_whole_verification_and_is_never_let_in() {
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let known = PasswordHash::new(Box::leak(hash_now("a password").unwrap().into_boxed_str())).unwrap();
        assert_eq!((parsed.algorithm, parsed.version, &parsed.params), (known.algorithm, known.version, &known.params));
        assert_eq!(parsed.hash.unwrap().len(), known.hash.unwrap().len());
        assert!(!verify("a password".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_is_verified_against_its_own_hash_only() {
        let hash = hash(Password::new("the right password".into()).unwrap()).await.unwrap();
        assert!(verify("the right password".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify("the wrong password".into(), Some(hash)).await.unwrap());
    }
}
