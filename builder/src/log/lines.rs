//! Bytes of a pipe to lines: bounded, valid UTF-8, and as a terminal would show them after a carriage return.

use std::collections::VecDeque;
use std::io::Read;

use domain::upload::MOST_LINE_BYTES;

use super::Mask;

const CUT: &str = " … (line cut)";

/// The last lines of a command, for its failure's message.
#[derive(Debug, Default, Clone)]
pub struct Tail(VecDeque<String>);

impl Tail {
    const LINES: usize = 200;

    /// Adds a line and forgets the oldest.
    pub fn push(&mut self, line: &str) {
        if self.0.len() == Self::LINES {
            self.0.pop_front();
        }
        self.0.push_back(line.chars().take(400).collect());
    }

    /// Whether a line holds this text.
    pub fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|line| line.contains(text))
    }

    /// The last lines that say something, oldest first.
    pub fn last(&self, count: usize) -> Vec<&str> {
        let said = self.0.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let mut lines: Vec<&str> = said.rev().take(count).collect();
        lines.reverse();
        lines
    }
}

/// Reads a stream to its end and gives each line to `line`, without what the mask hides.
pub fn read_lines(mut stream: impl Read, mask: &Mask, mut line: impl FnMut(String)) {
    let mut splitter = Splitter { mask, line: Vec::new(), is_long: false, returned: false };
    let mut buffer = [0; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => splitter.feed(&buffer[..read], &mut line),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    splitter.finish(&mut line);
}

struct Splitter<'m> {
    mask: &'m Mask,
    line: Vec<u8>,
    is_long: bool,
    returned: bool,
}

impl Splitter<'_> {
    fn feed(&mut self, bytes: &[u8], emit: &mut impl FnMut(String)) {
        for &byte in bytes {
            match byte {
                b'\n' => self.end(emit),
                b'\r' => self.returned = true,
                _ => {
                    if std::mem::take(&mut self.returned) {
                        self.line.clear();
                        self.is_long = false;
                    }
                    if self.line.len() < MOST_LINE_BYTES + self.mask.longest() {
                        self.line.push(byte);
                    } else {
                        self.is_long = true;
                    }
                }
            }
        }
    }

    fn end(&mut self, emit: &mut impl FnMut(String)) {
        self.mask.hide(&mut self.line);
        if self.is_long {
            // What was not read may have been the end of a secret that begins here.
            self.line.truncate(self.line.len().saturating_sub(self.mask.longest()));
        }
        let mut text = String::from_utf8_lossy(&self.line).into_owned();
        // Replacement characters are longer than the bytes they stand for.
        if self.is_long || text.len() > MOST_LINE_BYTES {
            let mut at = (MOST_LINE_BYTES - CUT.len()).min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.truncate(at);
            text.push_str(CUT);
        }
        self.line.clear();
        (self.is_long, self.returned) = (false, false);
        emit(text);
    }

    fn finish(mut self, emit: &mut impl FnMut(String)) {
        if !self.line.is_empty() {
            self.end(emit);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        read_lines(bytes, &Mask::default(), |line| lines.push(line));
        lines
    }

    #[test]
    fn a_progress_bar_leaves_its_last_state() {
        assert_eq!(lines(b"10%\r50%\r100%\r\ndone"), ["100%", "done"]);
    }

    #[test]
    fn a_line_without_end_is_a_line_and_empty_lines_are_kept() {
        assert_eq!(lines(b"a\n\nb"), ["a", "", "b"]);
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let all = lines(&[vec![b'x'; 100_000], b"\nnext".to_vec()].concat());
        assert_eq!(all[0].len(), MOST_LINE_BYTES);
        assert!(all[0].ends_with(CUT));
        assert_eq!(all[1], "next");
    }

    proptest! {
        #[test]
        fn any_bytes_become_bounded_lines_without_line_ends(bytes in proptest::collection::vec(any::<u8>(), 0..20_000)) {
            for line in lines(&bytes) {
                prop_assert!(line.len() <= MOST_LINE_BYTES);
                prop_assert!(!line.contains(['\n', '\r']));
            }
        }
    }
}
