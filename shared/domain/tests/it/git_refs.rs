//! Reading what a Git server says it has.

use domain::git_refs::{Unreadable, branch_commit};
use domain::{Branch, Commit};
use proptest::prelude::*;

use crate::making::{cases, valid};

/// What `git http-backend` of git 2.47.3 answered for a repository of two commits, three branches and a tag.
const RECORDED: &[u8] = include_bytes!("fixtures/advertisement.bin");

/// One pkt-line (gitprotocol-common(5)).
fn line(payload: &[u8]) -> Vec<u8> {
    let mut line = format!("{:04x}", payload.len() + 4).into_bytes();
    line.extend_from_slice(payload);
    line
}

/// An advertisement of these references, the first with a server's capabilities.
fn advertisement(references: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = line(b"# service=git-upload-pack\n");
    bytes.extend_from_slice(b"0000");
    for (place, (commit, name)) in references.iter().enumerate() {
        let capabilities: &[u8] = if place == 0 { b"\0side-band-64k symref=HEAD:refs/heads/main" } else { b"" };
        bytes.extend(line(&[commit.as_bytes(), b" ", name, capabilities, b"\n"].concat()));
    }
    bytes.extend_from_slice(b"0000");
    bytes
}

fn name(digit: &str) -> String {
    digit.repeat(40)
}

#[test]
fn branches_of_a_recorded_advertisement_are_found() {
    let commit = |branch| branch_commit(RECORDED, &valid(branch)).unwrap().map(|commit| commit.to_string());
    assert_eq!(commit("main").as_deref(), Some("6b9dbf9e038c4299ec9329707592940bf478f8b5"));
    assert_eq!(commit("feature/menu").as_deref(), Some("8371fd3ec78780f8ba0a0ee063885e4b03c3c39c"));
    assert_eq!(commit("main-old").as_deref(), Some("8371fd3ec78780f8ba0a0ee063885e4b03c3c39c"));
    for absent in ["mai", "main-ol", "menu", "v1", "HEAD", "heads/main", "refs/heads/main"] {
        assert_eq!(commit(absent), None, "{absent}");
    }
}

#[test]
fn a_recorded_advertisement_cut_anywhere_is_malformed_rather_than_without_the_branch() {
    for end in 0..RECORDED.len() {
        assert_eq!(branch_commit(&RECORDED[..end], &valid("main")), Err(Unreadable::Malformed), "cut at {end}");
    }
}

#[test]
fn an_empty_repository_has_no_branch() {
    let empty = advertisement(&[(&name("0"), b"capabilities^{}")]);
    assert_eq!(branch_commit(&empty, &valid("main")), Ok(None));
}

#[test]
fn a_branch_whose_name_is_not_utf_8_does_not_hide_the_others() {
    let (one, two) = (name("1"), name("2"));
    let odd = advertisement(&[(&one, b"refs/heads/caf\xe9"), (&two, b"refs/heads/main")]);
    assert_eq!(branch_commit(&odd, &valid("main")), Ok(Some(valid(&two))));
}

#[test]
fn a_reference_without_a_commit_is_malformed() {
    for bad in [name("0"), name("g"), name("a")[..39].to_owned(), name("A")] {
        let malformed = advertisement(&[(&bad, b"refs/heads/main")]);
        assert_eq!(branch_commit(&malformed, &valid("main")), Err(Unreadable::Malformed), "{bad}");
    }
}

#[test]
fn what_is_not_an_advertisement_is_malformed() {
    let wrong: [&[u8]; 8] = [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"0000",
        b"001e# service=git-upload-pack\n",
        b"001f# service=git-receive-pack\n0000",
        b"001e# service=git-upload-pack\n00000004",
        b"001e# service=git-upload-pack\n0000ffff",
        b"+01e# service=git-upload-pack\n0000+0000000",
    ];
    for bytes in wrong {
        let read = branch_commit(bytes, &valid("main"));
        assert_eq!(read, Err(Unreadable::Malformed), "{}", String::from_utf8_lossy(bytes));
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn every_advertised_branch_is_found_and_no_other(
        branches in proptest::collection::btree_map("[a-z]{1,6}(/[a-z]{1,3})?", "[1-9a-f]{40}", 1..12), absent in "[a-z]{1,6}",
    ) {
        let names: Vec<_> = branches.keys().map(|branch| format!("refs/heads/{branch}")).collect();
        let references: Vec<_> = branches.values().zip(&names).map(|(id, name)| (id.as_str(), name.as_bytes())).collect();
        let bytes = advertisement(&references);
        for (branch, id) in &branches {
            prop_assert_eq!(branch_commit(&bytes, &valid::<Branch>(branch)), Ok(Some(valid::<Commit>(id))));
        }
        if !branches.contains_key(&absent) {
            prop_assert_eq!(branch_commit(&bytes, &valid(&absent)), Ok(None));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), start in any::<bool>()) {
        if start {
            bytes.splice(..0, RECORDED[..34].iter().copied());
        }
        let _ = branch_commit(&bytes, &valid("main"));
    }

    #[test]
    fn a_recorded_advertisement_with_one_byte_changed_does_not_make_it_panic(at in 0..RECORDED.len(), byte in any::<u8>()) {
        let mut bytes = RECORDED.to_vec();
        bytes[at] = byte;
        let _ = branch_commit(&bytes, &valid("main"));
    }
}
