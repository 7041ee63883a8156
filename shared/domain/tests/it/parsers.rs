//! Whatever text arrives: no parser panics, and what one accepts it writes in a way that it reads back the same.

mod ids;
mod names;
mod repositories;
mod timestamps;

use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::text::Invalid;
use domain::{
    Branch, Commit, Creator, DeploymentId, Email, FilePath, Login, ProjectId, RepositoryUrl, Sha256, Slug, Timestamp,
    TokenId, UserId,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::making::cases;

/// What is accepted reads back the same from its own text, and from JSON. Returns the text.
fn reads_back<T>(text: &str) -> Option<String>
where
    T: FromStr<Err = Invalid> + Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let parsed: T = match text.parse() {
        Ok(parsed) => parsed,
        Err(Invalid(why)) => {
            assert!(!why.is_empty(), "{text:?} was refused without a word");
            return None;
        }
    };
    let written = parsed.to_string();
    assert_eq!(written.parse::<T>().as_ref(), Ok(&parsed), "{text:?} was written as {written:?}");
    let json = serde_json::to_string(&parsed).expect("it is text");
    assert_eq!(serde_json::from_str::<T>(&json).expect("it was written so"), parsed);
    Some(written)
}

/// As [`reads_back`], for types that have one spelling only.
fn reads_back_unchanged<T>(text: &str)
where
    T: FromStr<Err = Invalid> + Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    if let Some(written) = reads_back::<T>(text) {
        assert_eq!(written, text);
    }
}

fn every_parser_reads(text: &str) {
    reads_back::<Email>(text);
    reads_back::<RepositoryUrl>(text);
    reads_back::<Timestamp>(text);
    reads_back_unchanged::<Branch>(text);
    reads_back_unchanged::<Commit>(text);
    reads_back_unchanged::<Creator>(text);
    reads_back_unchanged::<Login>(text);
    reads_back_unchanged::<FilePath>(text);
    reads_back_unchanged::<Sha256>(text);
    reads_back_unchanged::<Slug>(text);
    reads_back_unchanged::<DeploymentId>(text);
    reads_back_unchanged::<ProjectId>(text);
    reads_back_unchanged::<TokenId>(text);
    reads_back_unchanged::<UserId>(text);
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn no_parser_panics_and_every_accepted_text_reads_back(text in any::<String>()) {
        every_parser_reads(&text);
    }

    #[test]
    fn texts_of_the_characters_that_parsers_look_for_read_back(text in r"[a-z0-9A-Z./:@#%+\-_~ \\\x00\n]{0,80}") {
        every_parser_reads(&text);
    }

    #[test]
    fn email_addresses_read_back(text in r"[\PC@.]{0,70}@[\PC.]{1,40}") {
        if let Some(written) = reads_back::<Email>(&text) {
            prop_assert_eq!(written.to_lowercase(), written);
        }
    }

    #[test]
    fn slugs_read_back(text in r"-?[a-z0-9\-]{0,36}") {
        reads_back_unchanged::<Slug>(&text);
    }

    #[test]
    fn branches_read_back(text in r"[a-zé.@/\-]{0,12}(\.lock)?") {
        reads_back_unchanged::<Branch>(&text);
    }

    #[test]
    fn hexadecimal_names_read_back(text in r"[0-9a-f]{39,65}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|0{40}|0{64}") {
        reads_back_unchanged::<Commit>(&text);
        reads_back_unchanged::<Sha256>(&text);
    }

    #[test]
    fn file_paths_read_back(text in r"/?(([a-zé .]{0,3}|\.|\.\.)/){0,4}[a-z.]{0,3}") {
        reads_back_unchanged::<FilePath>(&text);
        if let Ok(path) = text.parse::<FilePath>() {
            prop_assert!(!path.as_str().starts_with('/') && path.as_str().split('/').all(|part| part != ".."));
        }
    }
}
