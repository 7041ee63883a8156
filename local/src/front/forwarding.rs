//! What of a viewer's request reaches the origin, as CloudFront's policies have it.
//!
//! Source: "HTTP request headers and CloudFront behavior (custom origins)".

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::payload::event::Incoming;
use crate::template::EdgePolicy;

/// Headers that CloudFront passes on whatever the policies say.
const ALWAYS: [HeaderName; 3] = [header::RANGE, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE];

/// Removes from a request what no policy lets through. Without policies of the template's own (managed ones are known
/// to CloudFront only) everything passes.
pub fn apply(policies: &[EdgePolicy], incoming: &mut Incoming) {
    let encoding = accept_encoding(policies, &incoming.headers);
    // The signature of origin access control takes the place of the viewer's credentials.
    incoming.headers.remove(header::AUTHORIZATION);
    if !policies.is_empty() {
        let query = incoming.query.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            policies.iter().any(|policy| policy.query.has(name))
        });
        incoming.query = query.collect::<Vec<_>>().join("&");
        incoming.headers = headers(policies, &incoming.headers);
    }
    match encoding {
        Some(encoding) => _ = incoming.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding)),
        None => _ = incoming.headers.remove(header::ACCEPT_ENCODING),
    }
}

fn headers(policies: &[EdgePolicy], sent: &HeaderMap) -> HeaderMap {
    let mut passed = HeaderMap::new();
    for (name, value) in sent.iter().filter(|(name, _)| *name != header::COOKIE) {
        if ALWAYS.contains(name) || policies.iter().any(|policy| policy.headers.has(name.as_str())) {
            passed.append(name.clone(), value.clone());
        }
    }
    let cookies = sent.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = cookies.flat_map(|value| value.split(';')).map(str::trim);
    let cookies = cookies.filter(|cookie| {
        let name = cookie.split('=').next().unwrap_or_default();
        policies.iter().any(|policy| policy.cookies.has(name))
    });
    if let Ok(cookies) = HeaderValue::from_str(&cookies.collect::<Vec<_>>().join("; "))
        && !cookies.is_empty()
    {
        passed.insert(header::COOKIE, cookies);
    }
    passed.entry(header::USER_AGENT).or_insert(HeaderValue::from_static("Amazon CloudFront"));
    passed
}

/// CloudFront normalises the header to what it can cache under.
fn accept_encoding(policies: &[EdgePolicy], headers: &HeaderMap) -> Option<&'static str> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let enabled = |of: fn(&EdgePolicy) -> bool| policies.is_empty() || policies.iter().any(of);
    let accepts = |wanted: &str| {
        accepted.split(',').any(|encoding| {
            let (name, weight) = encoding.split_once(';').unwrap_or((encoding, ""));
            name.trim() == wanted && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    match (
        accepts("br") && enabled(|policy| policy.encodings.1),
        accepts("gzip") && enabled(|policy| policy.encodings.0),
    ) {
        (true, true) => Some("br,gzip"),
        (true, false) => Some("br"),
        (false, true) => Some("gzip"),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::*;
    use crate::template::EdgeNames;

    fn incoming() -> Incoming {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", "text/html"),
            ("accept-encoding", "gzip, deflate, br;q=0"),
            ("authorization", "Basic x"),
            ("cookie", "a=1; b=2"),
            ("if-none-match", "\"x\""),
            ("user-agent", "Browser"),
            ("x-own", "1"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Incoming {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: "a=1&b=2".to_owned(),
            headers,
            body: Bytes::new(),
            source: std::net::Ipv4Addr::LOCALHOST.into(),
        }
    }

    fn policy(headers: EdgeNames, cookies: EdgeNames, query: EdgeNames) -> EdgePolicy {
        EdgePolicy { id: "p".to_owned(), headers, cookies, query, encodings: (true, true) }
    }

    #[test]
    fn only_what_a_policy_names_reaches_the_origin() {
        let only = |name: &str| EdgeNames::Only(vec![name.to_owned()]);
        let policies =
            [policy(EdgeNames::None, only("a"), only("b")), policy(only("accept"), EdgeNames::None, EdgeNames::None)];
        let mut incoming = incoming();
        apply(&policies, &mut incoming);
        let passed: Vec<_> =
            incoming.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        assert_eq!(
            passed,
            [
                "accept: text/html",
                "if-none-match: \"x\"",
                "cookie: a=1",
                "user-agent: Amazon CloudFront",
                "accept-encoding: gzip"
            ]
        );
        assert_eq!(incoming.query, "b=2");
    }

    #[test]
    fn without_policies_everything_but_the_credentials_passes() {
        let mut incoming = incoming();
        apply(&[], &mut incoming);
        assert_eq!(incoming.headers["cookie"], "a=1; b=2");
        assert_eq!(incoming.headers["user-agent"], "Browser");
        assert!(!incoming.headers.contains_key("authorization"));
        assert_eq!(incoming.query, "a=1&b=2");
    }
}
