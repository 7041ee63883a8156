use domain::{DeploymentId, Timestamp};
use proptest::prelude::*;

use super::{reads_back, reads_back_unchanged};
use crate::making::cases;

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn an_identifier_has_one_spelling(text in "[0-9a-z]{26}|[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-7][0-9a-tv-zilo]{24,26}") {
        reads_back_unchanged::<DeploymentId>(&text);
    }

    #[test]
    fn identifiers_sort_by_the_moment_they_were_made(a in 0_i64..1 << 47, b in 0_i64..1 << 47, random in any::<u128>()) {
        let id = |millis| DeploymentId::new(Timestamp::from_millis(millis), random);
        prop_assert_eq!(id(a).cmp(&id(b)), a.cmp(&b));
        prop_assert_eq!(id(a).to_string().cmp(&id(b).to_string()), a.cmp(&b));
        prop_assert_eq!(id(a).created_at(), Timestamp::from_millis(a));
    }
}

#[test]
fn an_identifier_in_upper_case_or_in_look_alike_letters_is_refused() {
    let id = "01jd0000000000000000000001";
    assert!(reads_back::<DeploymentId>(id).is_some());
    assert_eq!(reads_back::<DeploymentId>(&id.to_uppercase()), None);
    for alike in ["o1jd0000000000000000000001", "0ljd0000000000000000000001", "01jd000000000000000000000i"] {
        assert_eq!(reads_back::<DeploymentId>(alike), None, "{alike}");
    }
    assert_eq!(reads_back::<DeploymentId>("8zzzzzzzzzzzzzzzzzzzzzzzzz"), None, "more than 128 bits");
}

#[test]
fn the_last_identifier_there_can_be_has_a_moment_that_can_be_written() {
    let last: DeploymentId = "7zzzzzzzzzzzzzzzzzzzzzzzzz".parse().unwrap();
    assert!(last.created_at().to_string().starts_with("9999-"));
}
