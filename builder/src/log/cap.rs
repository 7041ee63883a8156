//! How much of a log is kept: the beginning as it comes, then the end. A flood loses its middle.

use std::collections::VecDeque;

use domain::log::{LogLine, Stream};

/// Bytes kept of the beginning, and again of the end: 4 MB in all.
const HALF: usize = 2 * 1024 * 1024;
/// What a line costs beside its text.
const PER_LINE: usize = 32;

/// Decides line by line.
pub(super) struct Cap {
    half: usize,
    head: usize,
    tail: VecDeque<LogLine>,
    tail_bytes: usize,
    ours: Vec<LogLine>,
    dropped_lines: u64,
    dropped_bytes: u64,
}

impl Default for Cap {
    fn default() -> Self {
        Self::of(HALF)
    }
}

impl Cap {
    fn of(half: usize) -> Self {
        Self {
            half,
            head: 0,
            tail: VecDeque::new(),
            tail_bytes: 0,
            ours: Vec::new(),
            dropped_lines: 0,
            dropped_bytes: 0,
        }
    }

    /// The line to store now, if it belongs to the beginning.
    pub(super) fn admit(&mut self, line: LogLine) -> Option<LogLine> {
        let cost = line.text.len() + PER_LINE;
        if self.head < self.half {
            self.head += cost;
            if self.head < self.half {
                return Some(line);
            }
            // The last line of the beginning is where a reader waits from now on.
            let notice = "the log is very long: what follows is shown when the build has ended, without its middle";
            let shown = LogLine { stream: Stream::Slipway, text: notice.to_owned(), ..line.clone() };
            self.hold(line);
            return Some(shown);
        }
        self.hold(line);
        None
    }

    fn hold(&mut self, line: LogLine) {
        self.tail_bytes += line.text.len() + PER_LINE;
        self.tail.push_back(line);
        while self.tail_bytes > self.half {
            let Some(oldest) = self.tail.pop_front() else { break };
            self.tail_bytes -= oldest.text.len() + PER_LINE;
            if oldest.stream == Stream::Slipway {
                self.ours.push(oldest);
            } else {
                self.dropped_lines += 1;
                self.dropped_bytes += oldest.text.len() as u64;
            }
        }
    }

    /// What is to be stored at the end: Slipway's own lines, where the cut is, and the last lines.
    pub(super) fn rest(self) -> Vec<LogLine> {
        let mut rest = self.ours;
        if let (true, Some(first)) = (self.dropped_lines > 0, self.tail.front()) {
            let megabytes = self.dropped_bytes as f64 / 1e6;
            let text = format!("… {} lines ({megabytes:.1} MB) are left out here …", self.dropped_lines);
            rest.push(LogLine { stream: Stream::Slipway, text, ..first.clone() });
        }
        rest.extend(self.tail);
        rest
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::log::Stage;

    use super::*;

    fn line(number: usize, stream: Stream) -> LogLine {
        LogLine { at: Timestamp::from_millis(0), stage: Stage::Build, stream, text: format!("line {number:05}") }
    }

    #[test]
    fn a_short_log_is_kept_whole() {
        let mut cap = Cap::of(1_000);
        assert!((0..10).all(|number| cap.admit(line(number, Stream::Stdout)).is_some()));
        assert!(cap.rest().is_empty());
    }

    #[test]
    fn a_flood_keeps_its_beginning_its_end_and_our_lines_and_says_what_is_missing() {
        let mut cap = Cap::of(1_000);
        let mut stored = Vec::new();
        for number in 0..5_000 {
            let stream = if number == 2_500 { Stream::Slipway } else { Stream::Stdout };
            stored.extend(cap.admit(line(number, stream)));
        }
        stored.extend(cap.rest());
        let texts: Vec<&str> = stored.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts.first(), Some(&"line 00000"));
        assert_eq!(texts.last(), Some(&"line 04999"));
        assert!(texts.contains(&"line 02500"));
        assert!(texts.iter().any(|text| text.contains("are left out here")));
        let bytes: usize = stored.iter().map(|line| line.text.len() + PER_LINE).sum();
        assert!(bytes < 2_500, "{bytes}");
        let mut sorted: Vec<&str> = texts.iter().copied().filter(|text| text.starts_with("line ")).collect();
        let as_stored = sorted.clone();
        sorted.sort_unstable();
        assert_eq!(as_stored, sorted);
    }
}
