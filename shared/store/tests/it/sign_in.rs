use domain::throttle::{Failures, Subjects, WINDOW};
use domain::user::{Credential, CredentialKind};
use domain::{Email, Sha256, TokenId, User};
use store::NewAccount;

use crate::installation::Installation;
use crate::making::{moment, user_id, valid};

fn email() -> Email {
    valid("person@example.com")
}

fn from(address: &str) -> Subjects {
    Subjects::of(&email(), address)
}

async fn failures(here: &Installation, who: &Subjects) -> Failures {
    here.users.sign_in_attempt(&email(), who, moment(1)).await.unwrap().failures
}

#[tokio::test]
async fn an_attempt_is_decided_by_one_request() {
    let here = Installation::new().await;
    let attempt = here.users.sign_in_attempt(&email(), &from("192.0.2.1"), moment(1)).await.unwrap();
    assert_eq!((attempt.account, attempt.failures), (None, Failures::default()));
    assert_eq!(here.wire.operations(), ["BatchGetItem"]);
    let user = User {
        id: user_id(1),
        email: email(),
        name: String::new(),
        platform_owner: true,
        created_at: moment(0),
        revision: 1,
    };
    here.users.claim(&NewAccount { user, password_hash: "hash".into() }).await.unwrap();
    let attempt = here.users.sign_in_attempt(&email(), &from("192.0.2.1"), moment(1)).await.unwrap();
    assert_eq!(attempt.account.map(|account| account.password_hash).as_deref(), Some("hash"));
}

#[tokio::test]
async fn failures_are_counted_for_the_account_the_address_and_both() {
    let here = Installation::new().await;
    let (one, other) = (from("192.0.2.1"), from("192.0.2.2"));
    for who in [&one, &one, &other] {
        here.users.count_attempt(who, moment(1)).await.unwrap();
    }
    assert_eq!(failures(&here, &one).await, Failures { account: 3, address: 2, pair: 2, known_address: false });
    assert_eq!(failures(&here, &other).await, Failures { account: 3, address: 1, pair: 1, known_address: false });
    let stranger = Subjects::of(&valid("other@example.com"), "192.0.2.1");
    assert_eq!(failures(&here, &stranger).await, Failures { account: 0, address: 2, pair: 0, known_address: false });
}

#[tokio::test]
async fn failures_of_an_earlier_window_do_not_count() {
    let here = Installation::new().await;
    here.users.count_attempt(&from("192.0.2.1"), moment(1)).await.unwrap();
    let later = here.users.sign_in_attempt(&email(), &from("192.0.2.1"), moment(1).plus(WINDOW)).await.unwrap();
    assert_eq!(later.failures, Failures::default());
}

#[tokio::test]
async fn twenty_failures_at_once_are_all_counted() {
    let here = Installation::new().await;
    let who = from("192.0.2.1");
    let counted = futures_util::future::join_all((0..20).map(|_| here.users.count_attempt(&who, moment(1)))).await;
    assert!(counted.iter().all(Result::is_ok), "{counted:?}");
    assert_eq!(failures(&here, &who).await, Failures { account: 20, address: 20, pair: 20, known_address: false });
}

#[tokio::test]
async fn an_address_that_was_signed_in_from_is_known_then() {
    let here = Installation::new().await;
    let (home, away) = (from("192.0.2.1"), from("192.0.2.2"));
    for number in [1, 2] {
        let session = Credential {
            id: TokenId::new(moment(number), 1),
            sha256: Sha256::of(&[number as u8]),
            kind: CredentialKind::Session,
            user: user_id(1),
            platform_owner: false,
            name: "session".into(),
            created_at: moment(number),
            expires_at: moment(100),
        };
        here.users.add_credential(&session, Some(home.pair)).await.unwrap();
    }
    assert!(failures(&here, &home).await.known_address);
    assert!(!failures(&here, &away).await.known_address);
}
