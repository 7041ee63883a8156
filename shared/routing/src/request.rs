//! What of a request matters to a static site.

/// A request, as far as it can change the answer. Header values are as received; a field that came in several lines is
/// joined with commas (RFC 9110 §5.3). `If-Modified-Since` is absent on purpose: answers carry strong entity tags and no
/// `Last-Modified`, because the age of a file says nothing in a deployment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The method, in upper case as on the wire.
    pub method: &'a str,
    /// The path as received, percent-encoded, without the query.
    pub path: &'a str,
    /// The query as received, without the question mark.
    pub query: Option<&'a str>,
    /// `Accept`
    pub accept: Option<&'a str>,
    /// `Accept-Encoding`
    pub accept_encoding: Option<&'a str>,
    /// `If-Match`
    pub if_match: Option<&'a str>,
    /// `If-None-Match`
    pub if_none_match: Option<&'a str>,
    /// `If-Range`
    pub if_range: Option<&'a str>,
    /// `Range`
    pub range: Option<&'a str>,
    /// `Sec-Fetch-Mode`
    pub sec_fetch_mode: Option<&'a str>,
}

impl Request<'_> {
    /// Whether a person goes to a page, as opposed to a page fetching something. Browsers say so in `Sec-Fetch-Mode`;
    /// where that is absent, asking for HTML by name is the sign (`*/*` alone is what scripts and images send).
    pub(crate) fn is_navigation(&self) -> bool {
        match self.sec_fetch_mode {
            Some(mode) => mode.trim().eq_ignore_ascii_case("navigate"),
            None => self.accept.is_some_and(|accept| accept.to_ascii_lowercase().contains("text/html")),
        }
    }

    pub(crate) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

/// Through which host a deployment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The site's own host.
    Live,
    /// The deployment's own host; search engines are told to stay away.
    Preview,
}
