//! Variables of builds.

use domain::variables::{MOST_VALUE_BYTES, MOST_VARIABLES, Value, Variable, VariableName, Variables, check_value};
use domain::{Environment, Error};
use proptest::prelude::*;

use crate::making::{cases, moment};

fn plain(value: &str) -> Variable {
    Variable { value: Value::Plain(value.into()), updated_at: moment(0) }
}

fn name(text: &str) -> VariableName {
    text.parse().unwrap()
}

#[test]
fn a_name_is_one_that_every_shell_takes_and_none_that_the_build_sets() {
    for good in ["A", "_", "API_URL", "next_public_x2", &"X".repeat(128)] {
        assert_eq!(name(good).as_str(), good);
    }
    for bad in [
        "",
        "2X",
        "A-B",
        "A B",
        "A=B",
        "Ä",
        "A\n",
        "PATH",
        "HOME",
        "LD_PRELOAD",
        "SLIPWAY",
        "SLIPWAY_TICKET",
        &"X".repeat(129),
    ] {
        assert!(bad.parse::<VariableName>().is_err(), "{bad}");
    }
}

#[test]
fn environments_have_their_own() {
    let all = Variables::default().with(Environment::Production, name("A"), plain("1")).unwrap();
    let all = all.with(Environment::Preview, name("A"), plain("2")).unwrap();
    assert_eq!(all.of(Environment::Production)[&name("A")], plain("1"));
    let less = all.without(Environment::Production, &name("A")).unwrap();
    assert_eq!((less.of(Environment::Production).len(), less.of(Environment::Preview).len()), (0, 1));
    assert_eq!(less.without(Environment::Production, &name("A")), None);
    assert_eq!(less.revision, 3);
}

#[test]
fn there_is_an_end_to_number_and_size() {
    let mut all = Variables::default();
    for number in 0..MOST_VARIABLES {
        all = all.with(Environment::Preview, name(&format!("V{number}")), plain("x")).unwrap();
    }
    assert!(matches!(all.with(Environment::Preview, name("ONE_MORE"), plain("x")), Err(Error::LimitExceeded(_))));
    all = all.with(Environment::Preview, name("V0"), plain("replaced")).unwrap();
    let large = plain(&"x".repeat(MOST_VALUE_BYTES));
    let refused =
        (0..20).try_fold(all, |all, number| all.with(Environment::Preview, name(&format!("V{number}")), large.clone()));
    assert!(matches!(refused, Err(Error::LimitExceeded(_))));
}

#[test]
fn a_value_is_one_that_fits_and_a_secret_one_that_can_be_hidden() {
    assert_eq!(check_value("", false), Ok(()));
    assert_eq!(check_value("12345678", true), Ok(()));
    assert!(matches!(check_value("1234567", true), Err(Error::Invalid(_))));
    assert!(matches!(check_value("  1234567  ", true), Err(Error::Invalid(_))));
    assert!(matches!(check_value("a\0b", false), Err(Error::Invalid(_))));
    assert!(matches!(check_value(&"x".repeat(MOST_VALUE_BYTES + 1), false), Err(Error::LimitExceeded(_))));
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn any_text_is_a_name_or_refused_in_words(text in ".{0,140}") {
        match text.parse::<VariableName>() {
            Ok(name) => prop_assert_eq!(name.to_string(), text),
            Err(refused) => prop_assert!(!refused.0.is_empty()),
        }
    }
}
