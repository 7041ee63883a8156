//! What a Git server says it has: the reference advertisement of the smart HTTP protocol, version 0
//! (gitprotocol-http(5), `GET <repository>/info/refs?service=git-upload-pack`).

use crate::{Branch, Commit};

/// Why an advertisement could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It does not follow the protocol.
    #[error("the server's answer is not a Git reference advertisement")]
    Malformed,
}

/// The commit at which a branch stands; `None` when the server has no such branch.
pub fn branch_commit(advertisement: &[u8], branch: &Branch) -> Result<Option<Commit>, Unreadable> {
    let wanted = format!("refs/heads/{branch}");
    let mut found = None;
    for line in Lines::after_service(advertisement)? {
        let line = line?;
        // The first line carries the server's capabilities behind a NUL.
        let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let space = line.iter().position(|byte| *byte == b' ').ok_or(Unreadable::Malformed)?;
        // Bytes are compared: other references may have names in any encoding.
        let (name, reference) = (&line[..space], &line[space + 1..]);
        if reference == wanted.as_bytes() {
            let name = std::str::from_utf8(name).map_err(|_| Unreadable::Malformed)?;
            found = Some(name.parse().map_err(|_| Unreadable::Malformed)?);
        }
    }
    Ok(found)
}

/// pkt-lines: four hexadecimal digits of length (which counts itself), then the payload; `0000` ends a section.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    fn after_service(advertisement: &'a [u8]) -> Result<Self, Unreadable> {
        let mut lines = Lines { rest: advertisement };
        match lines.next() {
            Some(Ok(line)) if line.starts_with(b"# service=git-upload-pack") => {}
            _ => return Err(Unreadable::Malformed),
        }
        lines.rest = lines.rest.strip_prefix(b"0000").ok_or(Unreadable::Malformed)?;
        Ok(lines)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<&'a [u8], Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        let digits = self.rest.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let parsed = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let length = parsed.and_then(|digits| usize::from_str_radix(digits, 16).ok());
        match length {
            Some(0) => None,
            Some(length) if length > 4 && length <= self.rest.len() => {
                let (line, rest) = self.rest.split_at(length);
                self.rest = rest;
                Some(Ok(&line[4..]))
            }
            _ => {
                self.rest = b"0000";
                Some(Err(Unreadable::Malformed))
            }
        }
    }
}
