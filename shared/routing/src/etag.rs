//! Entity tags (RFC 9110 §8.8.3), one per stored form: forms of a file are different bytes, so their strong tags differ.

use domain::Sha256;
use domain::manifest::Encoding;

/// 128 bits of the object's name: no two files meet by chance, and the header stays short.
const HEX_DIGITS: usize = 32;

/// The strong tag of an object's form, with its quotes.
pub fn tag(sha256: &Sha256, encoding: Encoding) -> String {
    let name = &sha256.to_string()[..HEX_DIGITS];
    match encoding.token() {
        None => format!("\"{name}\""),
        Some(coding) => format!("\"{name}-{coding}\""),
    }
}

/// A received tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    weak: bool,
    /// With its quotes, without `W/`.
    quoted: &'a str,
}

impl Received<'_> {
    /// Strong comparison (§8.8.3.2) with a strong tag.
    pub fn is(&self, strong: &str) -> bool {
        !self.weak && self.quoted == strong
    }

    /// Weak comparison with a strong tag.
    pub fn is_like(&self, strong: &str) -> bool {
        self.quoted == strong
    }
}

/// The tags of a list, which may hold commas inside their quotes. What is not a tag ends the list.
pub fn list(header: &str) -> impl Iterator<Item = Received<'_>> {
    let mut rest = header;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let length = quoted.strip_prefix('"')?.find('"')? + 2;
        rest = &quoted[length..];
        Some(Received { weak, quoted: &quoted[..length] })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_file_have_different_tags() {
        let name = Sha256::of(b"hello");
        assert_eq!(tag(&name, Encoding::Identity), "\"2cf24dba5fb0a30e26e83b2ac5b9e29e\"");
        assert_eq!(tag(&name, Encoding::Brotli), "\"2cf24dba5fb0a30e26e83b2ac5b9e29e-br\"");
        assert_eq!(tag(&name, Encoding::Gzip), "\"2cf24dba5fb0a30e26e83b2ac5b9e29e-gzip\"");
    }

    #[test]
    fn a_list_is_read_as_far_as_it_is_one() {
        let tags = |header: &'static str| list(header).map(|tag| (tag.weak, tag.quoted)).collect::<Vec<_>>();
        assert_eq!(tags("\"a\", W/\"b,c\" ,,\"\""), [(false, "\"a\""), (true, "\"b,c\""), (false, "\"\"")]);
        assert_eq!(tags("\"a\", b, \"c\""), [(false, "\"a\"")]);
        assert_eq!(tags("\"a"), []);
        assert_eq!(tags("w/\"a\""), []);
        assert_eq!(tags("*"), []);
    }
}
