//! What went wrong with a call, in words.

use serde::Deserialize;
use ureq::Body;
use ureq::http::Response;

/// A call that failed for good.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The other side refused.
    #[error("{what}: {status} {detail}")]
    Refused {
        /// Which call.
        what: String,
        /// The HTTP status.
        status: u16,
        /// The problem's `detail` (RFC 9457), or the beginning of the body.
        detail: String,
    },
    /// No answer, several times.
    #[error("{what}: no answer after {tries} tries: {source}", tries = super::TRIES)]
    NoAnswer {
        /// Which call.
        what: String,
        /// The last error.
        source: ureq::Error,
    },
    /// An answer that is not what the protocol says.
    #[error("{what}: the answer makes no sense: {why}")]
    Nonsense {
        /// Which call.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Deserialize)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
}

impl HttpError {
    /// From a refusing answer.
    pub fn refused(what: &str, mut response: Response<Body>) -> Self {
        let status = response.status().as_u16();
        let text =
            response.body_mut().with_config().limit(64 * 1024).lossy_utf8(true).read_to_string().unwrap_or_default();
        Self::Refused { what: what.to_owned(), status, detail: detail(&text) }
    }

    /// The status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

fn detail(text: &str) -> String {
    match serde_json::from_str::<Problem>(text) {
        Ok(Problem { detail: Some(said), .. } | Problem { title: Some(said), detail: None }) => said,
        _ => text.chars().take(300).collect::<String>().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::detail;

    #[test]
    fn a_problem_says_its_detail_and_anything_else_its_beginning() {
        assert_eq!(
            detail(r#"{"type":"x","title":"Conflict","status":409,"detail":"It was canceled."}"#),
            "It was canceled."
        );
        assert_eq!(detail(r#"{"title":"Conflict"}"#), "Conflict");
        assert_eq!(detail("<Error>AccessDenied</Error>"), "<Error>AccessDenied</Error>");
        assert_eq!(detail(&"x".repeat(900)).len(), 300);
    }
}
