//! The answer to a request, before any byte is fetched.

use std::ops::Range;

use domain::Sha256;

/// How to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, each once.
    pub headers: Vec<(&'static str, String)>,
    /// Where the content comes from. For `HEAD` it is [`Body::None`] while the headers are those of `GET`.
    pub body: Body,
}

/// The content of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No content.
    None,
    /// Bytes of a stored object. The range is never empty and lies within the object.
    Blob {
        /// Names the object.
        sha256: Sha256,
        /// Which of its bytes.
        range: Range<u64>,
    },
    /// A short text of Slipway's own.
    Text(&'static str),
}

impl Decision {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(this, _)| *this == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Vec::with_capacity(12), body: Body::None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// An answer in words. It is about this moment or this request, so it is never kept.
    pub(crate) fn text(status: u16, text: &'static str) -> Self {
        let mut decision = Self::new(status)
            .with("content-type", "text/plain; charset=utf-8")
            .with("content-length", text.len().to_string())
            .with("cache-control", crate::freshness::NEVER);
        decision.body = Body::Text(text);
        decision
    }
}
