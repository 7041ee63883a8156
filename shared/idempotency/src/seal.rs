//! Answers at rest: AES-256-GCM under a key made of the caller's own token, of which only the hash is stored anywhere. So
//! a new token in an answer is as unreadable in the table as the tokens themselves.

use domain::Sha256;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use web::random;

/// Seals and opens what belongs to one name.
pub(crate) struct Seal {
    name: Sha256,
    key: LessSafeKey,
}

impl Seal {
    /// The seal of this name. The token has 256 random bits, so hashing it is a key derivation.
    pub fn new(name: Sha256, token: &str, key: &str) -> Self {
        let secret = Sha256::of(format!("slipway idempotency\n{token}\n{key}").as_bytes());
        let key =
            UnboundKey::new(&AES_256_GCM, secret.as_bytes()).expect("a SHA-256 has the 32 bytes of an AES-256 key");
        Self { name, key: LessSafeKey::new(key) }
    }

    /// A random nonce, then the bytes sealed: a key seals very few answers, so random nonces do not meet.
    pub fn close(&self, bytes: &[u8]) -> Vec<u8> {
        let random = random::bytes();
        let nonce: [u8; NONCE_LEN] = std::array::from_fn(|at| random[at]);
        let mut sealed = bytes.to_vec();
        let aad = Aad::from(self.name.as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .expect("an answer is shorter than the 64 GB that AES-GCM can seal");
        [nonce.as_slice(), &sealed].concat()
    }

    /// The bytes, if they were sealed so and are unchanged.
    pub fn open(&self, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = sealed.get(..NONCE_LEN)?.try_into().ok()?;
        let aad = Aad::from(self.name.as_bytes());
        let opened = self.key.open_within(Nonce::assume_unique_for_key(nonce), aad, &mut sealed, NONCE_LEN..).ok()?;
        Some(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(name: &[u8], token: &str, key: &str) -> Seal {
        Seal::new(Sha256::of(name), token, key)
    }

    #[test]
    fn only_the_same_caller_key_and_name_open_what_was_sealed() {
        let own = seal(b"n", "t", "k");
        let sealed = own.close(b"slt_secret");
        assert_eq!(own.open(sealed.clone()).unwrap(), b"slt_secret");
        assert!(!sealed.windows(4).any(|part| part == b"slt_"));
        for other in [seal(b"x", "t", "k"), seal(b"n", "x", "k"), seal(b"n", "t", "x")] {
            assert_eq!(other.open(sealed.clone()), None);
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(own.open(changed), None);
        }
        assert_eq!(own.open(Vec::new()), None);
    }

    #[test]
    fn equal_answers_are_sealed_differently() {
        let own = seal(b"n", "t", "k");
        assert_ne!(own.close(b"same"), own.close(b"same"));
    }
}
