use domain::user::{Credential, CredentialKind};
use domain::{Error, Sha256, TokenId};
use futures_util::future::join_all;

use crate::installation::Installation;
use crate::making::{moment, user_id};

fn credential(number: u64, kind: CredentialKind) -> Credential {
    Credential {
        id: TokenId::new(moment(number), u128::from(number)),
        sha256: Sha256::of(&number.to_be_bytes()),
        kind,
        user: user_id(1),
        platform_owner: false,
        name: format!("credential {number}"),
        created_at: moment(number),
        expires_at: moment(10_000),
    }
}

fn session(number: u64) -> Credential {
    credential(number, CredentialKind::Session)
}

fn token(number: u64) -> Credential {
    credential(number, CredentialKind::Token)
}

async fn with(credentials: &[Credential]) -> Installation {
    let here = Installation::new().await;
    for credential in credentials {
        here.users.add_credential(credential, None).await.unwrap();
    }
    here.wire.operations();
    here
}

#[tokio::test]
async fn a_credential_is_found_by_its_hash_in_one_request() {
    let here = with(&[session(1)]).await;
    assert_eq!(here.users.credential(session(1).sha256, moment(9_999)).await.unwrap(), Some(session(1)));
    assert_eq!(here.wire.operations(), ["GetItem"]);
    assert_eq!(here.users.credential(session(2).sha256, moment(9_999)).await.unwrap(), None);
}

#[tokio::test]
async fn an_expired_credential_is_as_if_it_were_gone() {
    let here = with(&[session(1)]).await;
    for late in [moment(10_000), moment(10_001)] {
        assert_eq!(here.users.credential(session(1).sha256, late).await.unwrap(), None);
        assert!(here.users.credentials(user_id(1), late).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_users_credentials_are_listed_oldest_first() {
    let other = Credential { user: user_id(2), ..session(4) };
    let here = with(&[token(3), session(1), token(2), other]).await;
    assert_eq!(here.users.credentials(user_id(1), moment(5)).await.unwrap(), [session(1), token(2), token(3)]);
}

#[tokio::test]
async fn a_revoked_credential_is_refused_at_once() {
    let here = with(&[session(1), token(2)]).await;
    here.users.revoke(user_id(1), token(2).id).await.unwrap();
    assert_eq!(here.users.credential(token(2).sha256, moment(5)).await.unwrap(), None);
    assert_eq!(here.users.credentials(user_id(1), moment(5)).await.unwrap(), [session(1)]);
    assert_eq!(here.users.revoke(user_id(1), token(2).id).await, Err(Error::NotFound("token")));
}

#[tokio::test]
async fn nobody_revokes_a_credential_of_another_user() {
    let here = with(&[session(1)]).await;
    assert_eq!(here.users.revoke(user_id(2), session(1).id).await, Err(Error::NotFound("token")));
    assert!(here.users.credential(session(1).sha256, moment(5)).await.unwrap().is_some());
}

#[tokio::test]
async fn all_sessions_but_one_end_and_tokens_stay() {
    let here = with(&[session(1), token(2), session(3), session(4)]).await;
    here.users.revoke_other_sessions(user_id(1), session(3).id, moment(5)).await.unwrap();
    assert_eq!(here.users.credentials(user_id(1), moment(5)).await.unwrap(), [token(2), session(3)]);
    for ended in [session(1), session(4)] {
        assert_eq!(here.users.credential(ended.sha256, moment(5)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn other_sessions_end_however_many_there_are() {
    let here = Installation::new().await;
    let all: Vec<Credential> = (1..=230).map(session).collect();
    for some in all.chunks(20) {
        for added in join_all(some.iter().map(|credential| here.users.add_credential(credential, None))).await {
            added.unwrap();
        }
    }
    here.users.revoke_other_sessions(user_id(1), session(230).id, moment(500)).await.unwrap();
    assert_eq!(here.users.credentials(user_id(1), moment(500)).await.unwrap(), [session(230)]);
    for ended in [1, 101, 229] {
        assert_eq!(here.users.credential(session(ended).sha256, moment(500)).await.unwrap(), None, "{ended}");
    }
}

#[tokio::test]
async fn the_same_credential_is_not_stored_twice() {
    let here = with(&[session(1)]).await;
    assert_eq!(here.users.add_credential(&session(1), None).await, Err(Error::Contended));
}
