//! How often a sign-in may fail.

use domain::throttle::{Failures, MOST_PER_ACCOUNT, MOST_PER_ADDRESS, MOST_PER_PAIR, Subjects, WINDOW, window};
use domain::{Error, Timestamp};
use proptest::prelude::*;

use crate::making::{cases, valid};

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn an_attempt_is_refused_once_a_count_is_full_and_until_the_window_ends(
        account in 0..2 * MOST_PER_ACCOUNT, address in 0..2 * MOST_PER_ADDRESS, pair in 0..2 * MOST_PER_PAIR,
        known_address in any::<bool>(), millis in 0_i64..4_000_000_000_000,
    ) {
        let now = Timestamp::from_millis(millis);
        let checked = Failures { account, address, pair, known_address }.check(now);
        let full = pair >= MOST_PER_PAIR || address >= MOST_PER_ADDRESS || (account >= MOST_PER_ACCOUNT && !known_address);
        prop_assert_eq!(checked.is_err(), full);
        if let Err(refused) = checked {
            let Error::TooManyAttempts { retry_after_seconds } = refused else { panic!("{refused}") };
            let wait = std::time::Duration::from_secs(retry_after_seconds);
            prop_assert!((1..=WINDOW.as_secs()).contains(&retry_after_seconds));
            prop_assert_eq!(window(now.plus(wait)), window(now) + 1, "then the counts begin anew");
        }
    }

    #[test]
    fn a_window_is_as_long_as_it_says(millis in -4_000_000_000_000_i64..4_000_000_000_000) {
        let now = Timestamp::from_millis(millis);
        prop_assert_eq!(window(now.plus(WINDOW)), window(now) + 1);
        prop_assert!(window(Timestamp::from_millis(millis + 1)) - window(now) <= 1);
    }
}

#[test]
fn a_stranger_cannot_lock_the_owner_out_of_a_known_address() {
    let failures = Failures { account: 1_000_000, known_address: true, ..Failures::default() };
    assert_eq!(failures.check(Timestamp::from_millis(0)), Ok(()));
}

#[test]
fn what_counts_are_kept_under_tells_neither_account_nor_address() {
    let subjects = |email, address| Subjects::of(&valid(email), address);
    let (one, other) = (subjects("a@example.com", "192.0.2.1"), subjects("a@example.com", "192.0.2.2"));
    assert_eq!(one.account, other.account);
    assert_ne!(one.address, other.address);
    assert_ne!(one.pair, other.pair);
    assert_eq!(subjects("A@EXAMPLE.com", "192.0.2.1").pair, one.pair);
    let all = [one.account, one.address, one.pair];
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
}
