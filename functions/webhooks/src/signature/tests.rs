use http::HeaderValue;
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::*;

/// Secret, payload and signature of GitHub's documentation.
const SECRET: &str = "It's a Secret to Everybody";
const PAYLOAD: &[u8] = b"Hello, World!";
const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

fn with(signature: &[u8]) -> HeaderMap {
    let value = HeaderValue::from_bytes(signature);
    value
        .map(|value| HeaderMap::from_iter([(http::HeaderName::from_static("x-hub-signature-256"), value)]))
        .unwrap_or_default()
}

fn accepted(signature: &[u8], body: &[u8]) -> bool {
    is_right(Some(SECRET), &with(signature), body)
}

#[test]
fn the_example_of_githubs_documentation_is_right() {
    assert!(accepted(SIGNATURE.as_bytes(), PAYLOAD));
}

#[test]
fn a_signature_in_another_spelling_is_wrong() {
    let upper = SIGNATURE.to_uppercase();
    let digits = &SIGNATURE[7..];
    let spellings = [
        String::new(),
        "sha256=".into(),
        digits.into(),
        upper,
        format!("sha256={}", digits.to_uppercase()),
        format!("sha1={digits}"),
        format!("sha256= {digits}"),
        format!("{SIGNATURE} "),
        format!("{SIGNATURE}00"),
        format!("{SIGNATURE},{SIGNATURE}"),
        SIGNATURE[..SIGNATURE.len() - 2].into(),
    ];
    for spelling in spellings {
        assert!(!accepted(spelling.as_bytes(), PAYLOAD), "{spelling:?}");
    }
}

#[test]
fn two_signatures_are_none() {
    let mut headers = with(SIGNATURE.as_bytes());
    headers.append("x-hub-signature-256", HeaderValue::from_static(SIGNATURE));
    assert!(!is_right(Some(SECRET), &headers, PAYLOAD));
}

#[test]
fn without_a_secret_or_without_a_signature_nothing_is_right() {
    assert!(!is_right(None, &with(SIGNATURE.as_bytes()), PAYLOAD));
    assert!(!is_right(Some(SECRET), &HeaderMap::new(), PAYLOAD));
    assert!(!is_right(None, &HeaderMap::new(), PAYLOAD));
}

#[test]
fn what_is_signed_with_the_key_of_absent_secrets_is_refused() {
    let Ok(mac) = Hmac::<sha2::Sha256>::new_from_slice(NOBODYS.as_bytes()) else { panic!("any key will do") };
    let signature = format!("sha256={}", hex::encode(mac.chain_update(PAYLOAD).finalize().into_bytes()));
    assert!(!is_right(None, &with(signature.as_bytes()), PAYLOAD));
}

/// A change of some bytes that leaves none as it was: replaced, inserted, removed.
fn mutated(original: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = original.len();
    let change = prop_oneof![
        (0..length, 1_u8..=255).prop_map(|(at, by)| (at, Some(by), false)),
        (0..length, any::<u8>()).prop_map(|(at, by)| (at, Some(by), true)),
        (0..length).prop_map(|at| (at, None, false)),
    ];
    let mutate = move |changes: Vec<(usize, Option<u8>, bool)>| {
        let mut bytes = original.clone();
        for (at, by, insert) in changes {
            let at = at.min(bytes.len().saturating_sub(1));
            match by {
                Some(by) if insert => bytes.insert(at, by),
                Some(by) if !bytes.is_empty() => bytes[at] ^= by,
                None if !bytes.is_empty() => _ = bytes.remove(at),
                _ => {}
            }
        }
        bytes
    };
    proptest::collection::vec(change, 1..6).prop_map(mutate)
}

// Three of four cases are mutated.
proptest! {
    #![proptest_config(Config { cases: Config::default().cases.max(20_000), failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_mutated_signature_or_body_is_never_accepted(
        signature in prop_oneof![Just(SIGNATURE.as_bytes().to_vec()), mutated(SIGNATURE.as_bytes().to_vec())],
        body in prop_oneof![Just(PAYLOAD.to_vec()), mutated(PAYLOAD.to_vec())],
    ) {
        let untouched = signature == SIGNATURE.as_bytes() && body == PAYLOAD;
        prop_assert_eq!(accepted(&signature, &body), untouched);
    }
}
