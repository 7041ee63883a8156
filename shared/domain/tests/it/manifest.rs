//! One stored object with the forms of a file end to end.

use domain::Sha256;
use domain::manifest::{Encoding, File, MOST_FILE_BYTES};
use proptest::prelude::*;

use crate::making::cases;

fn file(size: u64, brotli: Option<u64>, gzip: Option<u64>) -> File {
    File { sha256: Sha256::of(b"x"), size, content_type: "text/html; charset=utf-8".into(), brotli, gzip }
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn the_forms_fill_the_object_without_gap_or_overlap(
        plain in 0..=MOST_FILE_BYTES, brotli in proptest::option::of(0_u64..1 << 40), gzip in proptest::option::of(0_u64..1 << 40),
    ) {
        let file = file(plain + brotli.unwrap_or(0) + gzip.unwrap_or(0), brotli, gzip);
        prop_assert_eq!(file.check(), Ok(()));
        prop_assert_eq!(file.plain_size(), Some(plain));
        prop_assert_eq!(file.part(Encoding::Brotli).map(|part| part.end - part.start), brotli);
        prop_assert_eq!(file.part(Encoding::Gzip).map(|part| part.end - part.start), gzip);
        let parts = [Encoding::Identity, Encoding::Brotli, Encoding::Gzip].into_iter().filter_map(|form| file.part(form));
        let end = parts.fold(0, |end, part| {
            assert_eq!(part.start, end);
            part.end
        });
        prop_assert_eq!(end, file.size);
    }

    #[test]
    fn sizes_that_contradict_each_other_are_refused_and_have_no_parts(
        size in any::<u64>(), brotli in proptest::option::of(any::<u64>()), gzip in proptest::option::of(any::<u64>()),
    ) {
        let file = file(size, brotli, gzip);
        let packed = u128::from(brotli.unwrap_or(0)) + u128::from(gzip.unwrap_or(0));
        let fits = packed <= u128::from(size) && u128::from(size) - packed <= u128::from(MOST_FILE_BYTES);
        prop_assert_eq!(file.check().is_ok(), fits);
        for form in [Encoding::Identity, Encoding::Brotli, Encoding::Gzip] {
            let within = file.part(form).is_none_or(|part| part.start <= part.end && part.end <= size);
            prop_assert!(within);
            prop_assert!(file.part(form).is_none() || packed <= u128::from(size));
        }
    }

    #[test]
    fn a_type_is_what_one_header_line_can_carry(content_type in any::<String>()) {
        let plain = (1..=255).contains(&content_type.len()) && content_type.chars().all(|char| (' '..='~').contains(&char));
        let file = File { content_type, ..file(1, None, None) };
        prop_assert_eq!(file.check().is_ok(), plain);
    }
}

#[test]
fn a_file_of_one_byte_more_than_100_mb_is_refused() {
    assert!(file(MOST_FILE_BYTES, None, None).check().is_ok());
    assert!(file(MOST_FILE_BYTES + 1, None, None).check().is_err());
    assert!(file(MOST_FILE_BYTES + 1, Some(1), None).check().is_ok(), "the compressed forms do not count");
}

#[test]
fn a_type_cannot_smuggle_a_header() {
    for bad in ["", "text/html\r\nSet-Cookie: a=b", "text/html\0", "text/html\u{e9}"] {
        assert!(File { content_type: bad.into(), ..file(1, None, None) }.check().is_err(), "{bad:?}");
    }
}
