//! GitHub's signature: HMAC-SHA-256 over the raw bytes of a delivery, in `X-Hub-Signature-256: sha256=<64 digits>`.

use domain::Sha256;
use hmac::{Hmac, Mac};
use http::HeaderMap;

/// Computed with when there is no secret, so that its absence takes as long as a wrong signature. It opens nothing.
const NOBODYS: &str = "slw_0000000000000000000000000000000000000000000000000000000000000000";

/// Whether the body is signed with this secret. The time taken does not depend on where a wrong signature is wrong.
pub(crate) fn is_right(secret: Option<&str>, headers: &HeaderMap, body: &[u8]) -> bool {
    let key = secret.unwrap_or(NOBODYS);
    let Ok(mac) = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()) else { return false };
    let computed = mac.chain_update(body);
    let given = given(headers);
    let equal = computed.verify_slice(given.unwrap_or(Sha256::from_bytes([0; 32])).as_bytes()).is_ok();
    equal && given.is_some() && secret.is_some()
}

/// The one signature that was sent, in the one spelling that GitHub sends.
fn given(headers: &HeaderMap) -> Option<Sha256> {
    let mut values = headers.get_all("x-hub-signature-256").iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok()?.strip_prefix("sha256=")?.parse().ok()
}

#[cfg(test)]
mod tests;
