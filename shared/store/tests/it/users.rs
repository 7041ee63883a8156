use domain::{Error, Sha256, User};
use futures_util::future::join_all;
use store::{Account, NewAccount};

use crate::installation::Installation;
use crate::making::{moment, user_id, valid};

fn account(number: u64) -> NewAccount {
    let user = User {
        id: user_id(number),
        email: valid(&format!("person-{number}@example.com")),
        name: String::new(),
        platform_owner: number == 1,
        created_at: moment(0),
        revision: 1,
    };
    NewAccount { user, password_hash: format!("hash {number}") }
}

async fn claimed() -> Installation {
    let here = Installation::new().await;
    here.users.claim(&account(1)).await.unwrap();
    here
}

#[tokio::test]
async fn the_first_account_owns_the_installation() {
    let here = claimed().await;
    let first = account(1);
    assert_eq!(here.users.get(first.user.id).await.unwrap(), first.user);
    let opened = here.users.account(&first.user.email).await.unwrap();
    let expected = Account { user: user_id(1), platform_owner: true, password_hash: "hash 1".into(), revision: 1 };
    assert_eq!(opened, Some(expected));
    assert_eq!(here.users.claim(&account(2)).await, Err(Error::AlreadyClaimed));
    assert_eq!(here.users.get(user_id(2)).await, Err(Error::NotFound("user")));
    assert_eq!(here.users.account(&account(2).user.email).await.unwrap(), None);
}

#[tokio::test]
async fn of_twenty_claims_at_once_one_succeeds() {
    let here = Installation::new().await;
    let accounts: Vec<NewAccount> = (1..=20).map(account).collect();
    let claims = join_all(accounts.iter().map(|account| here.users.claim(account))).await;
    assert_eq!(claims.iter().filter(|claim| claim.is_ok()).count(), 1);
    assert!(claims.iter().all(|claim| matches!(claim, Ok(()) | Err(Error::AlreadyClaimed))), "{claims:?}");
    let found = join_all((1..=20).map(|number| here.users.get(user_id(number)))).await;
    assert_eq!(found.iter().filter(|user| user.is_ok()).count(), 1);
}

#[tokio::test]
async fn an_invitation_makes_one_account() {
    let here = claimed().await;
    let code = Sha256::of(b"code");
    here.users.invite(code, moment(100)).await.unwrap();
    here.users.accept_invitation(code, &account(2), moment(50)).await.unwrap();
    let again = here.users.accept_invitation(code, &account(3), moment(50)).await;
    assert!(matches!(again, Err(Error::Forbidden(_))), "{again:?}");
    assert!(here.users.get(user_id(2)).await.is_ok() && here.users.get(user_id(3)).await.is_err());
}

#[tokio::test]
async fn of_twenty_who_accept_one_invitation_at_once_one_gets_in() {
    let here = claimed().await;
    let code = Sha256::of(b"code");
    here.users.invite(code, moment(100)).await.unwrap();
    let accounts: Vec<NewAccount> = (2..=21).map(account).collect();
    let accepted = accounts.iter().map(|account| here.users.accept_invitation(code, account, moment(50)));
    assert_eq!(join_all(accepted).await.iter().filter(|accepted| accepted.is_ok()).count(), 1);
}

#[tokio::test]
async fn an_invitation_that_is_too_old_or_was_never_made_is_refused() {
    let here = claimed().await;
    let code = Sha256::of(b"code");
    here.users.invite(code, moment(100)).await.unwrap();
    for (code, now) in [(code, moment(100)), (code, moment(101)), (Sha256::of(b"other"), moment(50))] {
        let refused = here.users.accept_invitation(code, &account(2), now).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn an_invitation_for_an_address_that_has_an_account_is_not_used_up() {
    let here = claimed().await;
    let code = Sha256::of(b"code");
    here.users.invite(code, moment(100)).await.unwrap();
    let mut same_address = account(2);
    same_address.user.email = account(1).user.email;
    let refused = here.users.accept_invitation(code, &same_address, moment(50)).await;
    assert_eq!(refused, Err(Error::EmailUnavailable));
    assert_eq!(here.users.account(&account(1).user.email).await.unwrap().map(|account| account.user), Some(user_id(1)));
    here.users.accept_invitation(code, &account(2), moment(50)).await.unwrap();
}

#[tokio::test]
async fn sign_up_is_closed_until_the_owner_opens_it_and_after_it_is_closed_again() {
    let here = Installation::new().await;
    assert!(matches!(here.users.sign_up(&account(2)).await, Err(Error::Forbidden(_))), "nobody owns it yet");
    assert_eq!(here.users.set_sign_up(true).await, Err(Error::NotFound("installation")));
    here.users.claim(&account(1)).await.unwrap();
    assert!(matches!(here.users.sign_up(&account(2)).await, Err(Error::Forbidden(_))));
    here.users.set_sign_up(true).await.unwrap();
    here.users.sign_up(&account(2)).await.unwrap();
    assert_eq!(here.users.sign_up(&account(2)).await, Err(Error::EmailUnavailable));
    here.users.set_sign_up(false).await.unwrap();
    assert!(matches!(here.users.sign_up(&account(3)).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_not_written_over() {
    let here = claimed().await;
    let email = account(1).user.email;
    let read = here.users.account(&email).await.unwrap().unwrap();
    let change = |hash: &str| Account { password_hash: hash.into(), revision: read.revision + 1, ..read.clone() };
    here.users.replace_account(&email, &change("one")).await.unwrap();
    assert_eq!(here.users.replace_account(&email, &change("two")).await, Err(Error::Contended));
    assert_eq!(here.users.account(&email).await.unwrap(), Some(change("one")));
    let nobody = valid("nobody@example.com");
    assert_eq!(here.users.replace_account(&nobody, &change("one")).await, Err(Error::Contended));
}

#[tokio::test]
async fn a_profile_that_was_changed_meanwhile_is_not_written_over() {
    let here = claimed().await;
    let change = |name: &str| User { name: name.into(), revision: 2, ..account(1).user };
    here.users.replace(&change("one")).await.unwrap();
    assert_eq!(here.users.replace(&change("two")).await, Err(Error::Contended));
    assert_eq!(here.users.get(user_id(1)).await.unwrap(), change("one"));
}
