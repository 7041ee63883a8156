use std::io::Write;

use domain::manifest::Encoding;
use proptest::prelude::*;

use super::*;

fn packed(name: &str, bytes: &[u8]) -> (Packed, Vec<u8>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("file");
    std::fs::write(&source, bytes).unwrap();
    let spool = Spool::create(directory.path()).unwrap();
    let found = [Found { path: name.parse().unwrap(), source, size: bytes.len() as u64 }];
    let packed = pack(&found, &spool).unwrap().remove(0);
    let mut object = Vec::new();
    packed.open().unwrap().read_to_end(&mut object).unwrap();
    (packed, object, directory)
}

fn part<'a>(packed: &Packed, object: &'a [u8], encoding: Encoding) -> Option<&'a [u8]> {
    let range = packed.entry.file.part(encoding)?;
    Some(&object[range.start as usize..range.end as usize])
}

fn unbrotli(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain).unwrap();
    plain
}

fn ungzip(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = flate2::write::GzDecoder::new(Vec::new());
    decoder.write_all(bytes).unwrap();
    decoder.finish().unwrap()
}

fn check(name: &str, bytes: &[u8]) -> Packed {
    let (packed, object, _directory) = packed(name, bytes);
    let file = &packed.entry.file;
    assert_eq!(file.check(), Ok(()));
    assert_eq!(object.len() as u64, file.size);
    assert_eq!(Sha256::of(&object), file.sha256);
    assert_eq!(part(&packed, &object, Encoding::Identity), Some(bytes));
    if let Some(form) = part(&packed, &object, Encoding::Brotli) {
        assert_eq!(unbrotli(form), bytes);
    }
    if let Some(form) = part(&packed, &object, Encoding::Gzip) {
        assert_eq!(ungzip(form), bytes);
    }
    packed
}

#[test]
fn text_has_both_forms_and_the_same_text_has_the_same_object() {
    let text = "All work and no play makes Jack a dull boy.\n".repeat(200);
    let one = check("a.txt", text.as_bytes());
    assert!(one.entry.file.brotli.is_some() && one.entry.file.gzip.is_some());
    let other = check("b.txt", text.as_bytes());
    assert_eq!(one.entry.file, other.entry.file);
}

#[test]
fn small_files_and_files_that_do_not_compress_are_stored_as_they_are() {
    assert_eq!(check("small.txt", &[b'x'; 1_024]).entry.file.brotli, None);
    assert_eq!(check("photo.jpg", &vec![b'x'; 50_000]).entry.file.gzip, None);
    let noise: Vec<u8> = (0..64).flat_map(|_| crate::token::random::<512>()).collect();
    let file = check("noise.js", &noise).entry.file;
    assert_eq!((file.brotli, file.gzip), (None, None));
}

#[test]
fn an_empty_file_is_a_file() {
    assert_eq!(check("empty.html", b"").entry.file.size, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_form_of_any_bytes_gives_them_back(
        seed in proptest::collection::vec(any::<u8>(), 0..3_000),
        times in 1_usize..40,
        name in prop::sample::select(vec!["a.html", "b.js", "c.png", "d.wasm", "e"]),
    ) {
        check(name, &seed.repeat(times));
    }
}
