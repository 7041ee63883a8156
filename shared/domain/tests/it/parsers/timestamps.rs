use std::time::Duration;

use domain::Timestamp;
use proptest::prelude::*;

use super::reads_back;
use crate::making::{cases, moment};

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn moments_read_back(
        text in r"[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,12})?(Z|z|[+-][0-2][0-9]:[0-5][0-9])"
    ) {
        reads_back::<Timestamp>(&text);
    }

    #[test]
    fn any_number_of_milliseconds_is_a_moment_that_can_be_written(millis in any::<i64>(), more in any::<u64>()) {
        let moment = Timestamp::from_millis(millis);
        prop_assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
        let more = Duration::from_millis(more);
        prop_assert!(moment.plus(more) >= moment && moment.minus(more) <= moment);
        prop_assert_eq!(moment.plus(more).to_string().len(), 24);
        prop_assert_eq!(moment.minus(more).to_string().len(), 24);
    }

    #[test]
    fn the_text_sorts_as_time_does(a in -62_167_219_200_000_i64..253_402_300_800_000, b in -62_167_219_200_000_i64..253_402_300_800_000) {
        let text = |millis| Timestamp::from_millis(millis).to_string();
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
    }
}

#[test]
fn a_moment_is_kept_to_the_millisecond_in_utc() {
    let read = reads_back::<Timestamp>("2026-01-02T04:04:05.6789+01:00");
    assert_eq!(read.as_deref(), Some("2026-01-02T03:04:05.678Z"));
}

#[test]
fn a_moment_outside_the_years_of_four_digits_is_refused() {
    // A build prints such moments if it likes, and they are written to JSON again.
    for text in ["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59"] {
        assert_eq!(reads_back::<Timestamp>(text), None, "{text}");
    }
    assert!(reads_back::<Timestamp>("9999-12-31T23:59:59.999Z").is_some());
    assert!(reads_back::<Timestamp>("0000-01-01T00:00:00Z").is_some());
}

#[test]
fn the_time_since_a_later_moment_is_none() {
    assert_eq!(moment(5).since(moment(3)), Duration::from_secs(2));
    assert_eq!(moment(3).since(moment(5)), Duration::ZERO);
}
