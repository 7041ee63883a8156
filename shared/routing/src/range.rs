//! Byte ranges (RFC 9110 §14). One range is answered with 206; several at once with the whole, which §14.2 allows and which
//! costs nobody anything: no client that plays or resumes a file asks for several.

use std::ops::Range;

/// What a `Range` header asks of a representation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The whole of it: the header is not one we know or is not valid, and is ignored.
    Whole,
    /// These bytes; not empty.
    Part(Range<u64>),
    /// Bytes that it does not have: 416.
    Unsatisfiable,
}

/// Reads a `Range` header for a representation of `length` bytes.
pub fn asked(header: &str, length: u64) -> Asked {
    let Some((unit, set)) = header.split_once('=') else { return Asked::Whole };
    let mut specs = set.split(',').map(str::trim).filter(|spec| !spec.is_empty());
    let (Some(spec), None) = (specs.next(), specs.next()) else { return Asked::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Asked::Whole;
    }
    match spec.split_once('-') {
        Some(("", suffix)) => match number(suffix) {
            None => Asked::Whole,
            Some(0) => Asked::Unsatisfiable,
            // Satisfiable by definition, but `Content-Range` cannot say "no bytes of none".
            Some(_) if length == 0 => Asked::Whole,
            Some(suffix) => Asked::Part(length.saturating_sub(suffix)..length),
        },
        Some((first, last)) => {
            let last = if last.is_empty() { Some(u64::MAX) } else { number(last) };
            match (number(first), last) {
                (Some(first), Some(last)) if first > last => Asked::Whole,
                (Some(first), Some(_)) if first >= length => Asked::Unsatisfiable,
                (Some(first), Some(last)) => Asked::Part(first..last.saturating_add(1).min(length)),
                _ => Asked::Whole,
            }
        }
        None => Asked::Whole,
    }
}

/// Digits only; a number too large for 64 bits is larger than any file.
fn number(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let cases = [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=0-499", Asked::Part(0..10)),
            ("bytes=9-", Asked::Part(9..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-30", Asked::Part(0..10)),
            ("Bytes = 2-4", Asked::Part(2..5)),
            ("bytes=,2-4,", Asked::Part(2..5)),
            ("bytes=5-99999999999999999999999", Asked::Part(5..10)),
            ("bytes=10-", Asked::Unsatisfiable),
            ("bytes=99999999999999999999999-", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=4-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=--1", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=1", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=", Asked::Whole),
            ("bytes", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ];
        for (header, expected) in cases {
            assert_eq!(asked(header, 10), expected, "{header:?}");
        }
    }

    #[test]
    fn an_empty_file_has_no_first_byte() {
        assert_eq!(asked("bytes=0-", 0), Asked::Unsatisfiable);
        assert_eq!(asked("bytes=-1", 0), Asked::Whole);
    }

    proptest! {
        #[test]
        fn a_part_holds_exactly_the_positions_asked_for(first in 0u64..40, last in proptest::option::of(0u64..40), length in 0u64..30) {
            let header = format!("bytes={first}-{}", last.map_or(String::new(), |last| last.to_string()));
            let wanted: Vec<u64> = (0..length).filter(|at| *at >= first && last.is_none_or(|last| *at <= last)).collect();
            match asked(&header, length) {
                Asked::Part(part) => prop_assert_eq!(part.collect::<Vec<_>>(), wanted),
                Asked::Unsatisfiable => prop_assert!(wanted.is_empty() && first >= length),
                Asked::Whole => prop_assert!(last.is_some_and(|last| last < first)),
            }
        }

        #[test]
        fn a_suffix_holds_exactly_the_last_positions(suffix in 0u64..40, length in 1u64..30) {
            let wanted: Vec<u64> = (0..length).filter(|at| length - at <= suffix).collect();
            match asked(&format!("bytes=-{suffix}"), length) {
                Asked::Part(part) => prop_assert_eq!(part.collect::<Vec<_>>(), wanted),
                other => prop_assert!(other == Asked::Unsatisfiable && suffix == 0),
            }
        }

        #[test]
        fn no_header_makes_a_part_that_leaves_the_file(header in "(bytes=)?[-0-9, a-z=]{0,24}", length in any::<u64>()) {
            if let Asked::Part(part) = asked(&header, length) {
                prop_assert!(part.start < part.end && part.end <= length);
            }
        }
    }
}
