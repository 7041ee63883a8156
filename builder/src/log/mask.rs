//! Secrets out of the log. A line is searched for each secret in the forms in which programs print values: as it is, in
//! JSON, in a URL, in base64. The search is one pass over the bytes, however many forms there are (Aho-Corasick).
//!
//! Not recognised: a secret that a program changes in another way, or breaks over lines itself.

use std::collections::BTreeSet;
use std::fmt::Write;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use domain::variables::LEAST_SECRET;

/// What stands in a secret's place.
const HIDDEN: &[u8] = b"[hidden]";

/// Finds secrets.
#[derive(Clone, Default)]
pub struct Mask {
    forms: Option<AhoCorasick>,
    longest: usize,
}

impl Mask {
    /// A mask for these secrets. Of one with several lines each line is one.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut forms = BTreeSet::new();
        for secret in secrets {
            for part in secret.lines().chain([secret]).map(str::trim).filter(|part| part.len() >= LEAST_SECRET) {
                add_forms(&mut forms, part);
            }
        }
        let longest = forms.iter().map(Vec::len).max().unwrap_or(0);
        let forms = (!forms.is_empty()).then(|| {
            let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms);
            // It fails for gigabytes of patterns; an environment has 100 variables of 4 kB.
            search.expect("the forms of all secrets fit into memory")
        });
        Self { forms, longest }
    }

    /// Bytes that have to be read beyond what is shown, so that a secret on the edge is found whole.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Hides every secret in these bytes.
    pub fn hide(&self, line: &mut Vec<u8>) {
        let Some(forms) = &self.forms else { return };
        if forms.is_match(line.as_slice()) {
            let hidden = vec![HIDDEN; forms.patterns_len()];
            *line = forms.replace_all_bytes(line, &hidden);
        }
    }
}

fn add_forms(forms: &mut BTreeSet<Vec<u8>>, secret: &str) {
    let json = serde_json::Value::from(secret).to_string();
    forms.insert(secret.as_bytes().to_vec());
    forms.insert(json.as_bytes()[1..json.len() - 1].to_vec());
    // RFC 3986, encodeURIComponent, and forms of HTML.
    for kept in ["-_.~", "-_.~!*'()", "-_.*"] {
        for space in ["%20", "+"] {
            let (upper, lower) = in_a_url(secret, kept, space);
            forms.extend([upper.into_bytes(), lower.into_bytes()]);
        }
    }
    // Within a longer text, a secret begins at one of three places of base64's groups.
    for offset in 0..3 {
        let shifted = [&[0; 3][..offset], secret.as_bytes()].concat();
        let first = (offset * 8).div_ceil(6);
        let last = shifted.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            forms.insert(encoded.as_bytes()[first..last].to_vec());
        }
    }
}

/// Percent-encoded, with hexadecimal digits of either case.
fn in_a_url(secret: &str, kept: &str, space: &str) -> (String, String) {
    let (mut upper, mut lower) = (String::new(), String::new());
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            upper.push(char::from(byte));
            lower.push(char::from(byte));
        } else if byte == b' ' {
            upper.push_str(space);
            lower.push_str(space);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(upper, "%{byte:02X}");
            let _ = write!(lower, "%{byte:02x}");
        }
    }
    (upper, lower)
}

#[cfg(test)]
mod tests;
