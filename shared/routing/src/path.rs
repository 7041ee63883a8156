//! From the path of a URL to the path of a file, and back.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// A decoded path below the site's root: no leading `/`, empty for the root, ending in `/` when the URL did. No segment
/// is empty, `.` or `..`, so it cannot name anything outside, and a `Location` made from it cannot name another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePath(String);

/// Why a path names no file of any site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not a path: a broken escape, bytes that are not UTF-8, a control character.
    Malformed,
    /// It is well formed, but no file can have it: empty, `.` or `..` segments, `%2F`, a backslash. It is not tidied up
    /// and looked up again, because caches and filters in front would then see another path than the one that is served.
    Nowhere,
}

impl SitePath {
    /// Decodes each escape once.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let rest = raw.strip_prefix('/').ok_or(Refusal::Malformed)?;
        let decoded = String::from_utf8(decode(rest.as_bytes())?).map_err(|_| Refusal::Malformed)?;
        if decoded.chars().any(char::is_control) {
            return Err(Refusal::Malformed);
        }
        let encoded_slash = decoded.matches('/').count() != rest.matches('/').count();
        if encoded_slash || decoded.contains('\\') {
            return Err(Refusal::Nowhere);
        }
        let segments = decoded.strip_suffix('/').unwrap_or(&decoded);
        if !decoded.is_empty() && segments.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(Refusal::Nowhere);
        }
        Ok(Self(decoded))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment, whether or not a `/` follows it.
    pub fn last_segment(&self) -> &str {
        let path = self.0.strip_suffix('/').unwrap_or(&self.0);
        path.rsplit('/').next().unwrap_or(path)
    }
}

fn decode(raw: &[u8]) -> Result<Vec<u8>, Refusal> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).ok_or(Refusal::Malformed);
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        if *byte == b'%' {
            bytes.push((digit(rest.next())? * 16 + digit(rest.next())?) as u8);
        } else {
            bytes.push(*byte);
        }
    }
    Ok(bytes)
}

/// What a path segment must escape (the URL standard's path set), and what some clients read as something else.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A query arrives escaped; this only keeps anything that would end the header or begin a fragment from passing.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\\');

/// A `Location` on this site: always `/` and a path without a host, the request's query kept.
pub fn location(path: &str, query: Option<&str>) -> String {
    let mut location = format!("/{}", utf8_percent_encode(path, PATH));
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        location.push('?');
        location.extend(utf8_percent_encode(query, QUERY));
    }
    location
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: Result<&str, Refusal>) {
        assert_eq!(SitePath::parse(raw).as_ref().map(SitePath::as_str), expected.as_ref().copied(), "{raw:?}");
    }

    #[test]
    fn escapes_are_decoded_once() {
        check("/", Ok(""));
        check("/docs/", Ok("docs/"));
        check("/caf%C3%A9.html", Ok("café.html"));
        check("/sp%20ace.txt", Ok("sp ace.txt"));
        check("/100%2525", Ok("100%25"));
        check("/a+b", Ok("a+b"));
    }

    #[test]
    fn what_is_not_a_path_is_malformed() {
        for raw in
            ["", "docs", "*", "/%", "/%4", "/%zz", "/%+1", "/%ff", "/%C3", "/%00", "/a%0d%0ab", "/a%7f", "/%ed%a0%80"]
        {
            check(raw, Err(Refusal::Malformed));
        }
    }

    #[test]
    fn what_no_file_can_be_called_is_nowhere() {
        let raws = ["//", "//evil.example/", "/a//b", "/a//", "/.", "/..", "/../a", "/a/../b", "/a/./b", "/%2e%2e/etc"];
        for raw in raws.into_iter().chain([
            "/.%2E/a",
            "/a%2Fb",
            "/%2f",
            "/%2f%2fevil.example",
            "/%5Cevil.example",
            "/\\evil.example",
        ]) {
            check(raw, Err(Refusal::Nowhere));
        }
    }

    #[test]
    fn a_location_escapes_what_a_header_or_a_browser_would_misread() {
        assert_eq!(location("café 1%/b?c#d\\", None), "/caf%C3%A9%201%25/b%3Fc%23d%5C");
        assert_eq!(location("a", Some("x=%20&y=1")), "/a?x=%20&y=1");
        assert_eq!(location("a", Some("x\r\nset-cookie: y")), "/a?x%0D%0Aset-cookie:%20y");
        assert_eq!(location("", Some("")), "/");
    }
}
