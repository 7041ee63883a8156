//! The token this builder makes for itself.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A new token: `slb_` and 256 random bits. Only its hash is sent when it is registered.
pub fn generate() -> String {
    format!("slb_{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Linux's getrandom(2) fails only where it does not exist; no token at all is the only safe answer.
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
