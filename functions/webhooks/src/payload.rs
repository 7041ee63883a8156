//! What of GitHub's payloads is read. Everything else in them is tolerated: GitHub adds fields without notice.

use std::borrow::Cow;

use http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use web::Problem;

/// `ping`: sent when a webhook is made.
#[derive(Debug, Deserialize)]
pub(crate) struct Ping {
    /// Absent when the webhook is an organisation's.
    #[serde(default)]
    pub repository: Option<Repository>,
}

/// `push`: a branch or tag was made, moved or deleted.
#[derive(Debug, Deserialize)]
pub(crate) struct Push {
    /// `refs/heads/<branch>`, `refs/tags/<tag>`
    #[serde(rename = "ref")]
    pub reference: String,
    /// Where it stands now; 40 zeros when it was deleted.
    pub after: String,
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub head_commit: Option<HeadCommit>,
    pub repository: Repository,
    #[serde(default)]
    pub sender: Option<Account>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct HeadCommit {
    #[serde(default)]
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Repository {
    pub id: u64,
    #[serde(default)]
    pub clone_url: Option<String>,
    #[serde(default)]
    pub html_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    #[serde(default)]
    pub login: Option<String>,
}

/// The payload, in either of the two content types that a webhook can be set to.
pub(crate) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let json = match essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        true => field(body)?,
        false => Cow::Borrowed(body),
    };
    serde_json::from_slice(&json).map_err(|error| Problem::malformed(format!("the payload is not GitHub's: {error}")))
}

fn field(body: &[u8]) -> Result<Cow<'_, [u8]>, Problem> {
    let found = url::form_urlencoded::parse(body).find(|(name, _)| name == "payload");
    let (_, payload) = found.ok_or_else(|| Problem::malformed("the form has no field named payload"))?;
    Ok(Cow::Owned(payload.into_owned().into_bytes()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn reference(content_type: &'static str, body: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        read::<Push>(&headers, body.as_bytes()).ok().map(|push| push.reference)
    }

    #[test]
    fn both_content_types_that_github_offers_are_read() {
        let json = r#"{"ref":"refs/heads/a+b","after":"0","repository":{"id":1},"news":[null]}"#;
        let form = "payload=%7B%22ref%22%3A%22refs%2Fheads%2Fa%2Bb%22%2C%22after%22%3A%220%22%2C%22repository%22%3A%7B%22id%22%3A1%7D%7D";
        for (kind, body) in [
            ("application/json", json),
            ("application/json; charset=utf-8", json),
            ("application/x-www-form-urlencoded", form),
            ("Application/X-WWW-Form-Urlencoded;charset=UTF-8", form),
        ] {
            assert_eq!(reference(kind, body).as_deref(), Some("refs/heads/a+b"), "{kind}");
        }
    }

    #[test]
    fn what_is_no_payload_is_refused() {
        assert_eq!(reference("application/json", ""), None);
        assert_eq!(reference("application/json", "{}"), None);
        assert_eq!(reference("application/x-www-form-urlencoded", "pay=load"), None);
    }
}
