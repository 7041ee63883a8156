//! From a request to an event.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::clock;

/// Headers that belong to one connection.
const HOP_BY_HOP: &[&str] =
    &["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// A request whose body was read.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Method, as sent.
    pub method: String,
    /// Path, still percent-encoded.
    pub path: String,
    /// Query string, still percent-encoded.
    pub query: String,
    /// Headers, hop-by-hop ones removed.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Who calls: one of this machine's loopback addresses, since nothing here listens elsewhere.
    pub source: IpAddr,
}

/// What the gateway knows besides the request.
pub struct Context<'c> {
    /// `GET /things/{id}` or `$default`.
    pub route_key: &'c str,
    /// Identifier of the API or function URL.
    pub api_id: &'c str,
    /// Account, or `anonymous` for function URLs.
    pub account: &'c str,
    /// `rawPath`: decoded by HTTP APIs, as it came for function URLs.
    pub raw_path: String,
    /// `pathParameters`.
    pub path_parameters: BTreeMap<String, String>,
    /// `requestContext.authorizer`.
    pub authorizer: Option<Value>,
    /// When.
    pub now: OffsetDateTime,
}

impl Incoming {
    /// Joins the parts of a request.
    pub fn new(parts: Parts, body: Bytes) -> Self {
        let source = source(&parts);
        let mut headers = parts.headers;
        HOP_BY_HOP.iter().for_each(|name| _ = headers.remove(*name));
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body,
            source,
        }
    }

    /// A header's value; several are joined with a comma.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// Query parameters, decoded; several of one name are joined with a comma.
    pub fn query_parameters(&self) -> BTreeMap<String, String> {
        let mut parameters: BTreeMap<String, String> = BTreeMap::new();
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters
                .entry(decode(name))
                .and_modify(|joined| *joined = format!("{joined},{}", decode(value)))
                .or_insert_with(|| decode(value));
        }
        parameters
    }

    /// Headers with lower-case names, without cookies, and the cookies by themselves.
    pub fn headers_and_cookies(&self) -> (Map<String, Value>, Vec<String>) {
        let mut headers = Map::new();
        for name in self.headers.keys().filter(|name| *name != "cookie") {
            headers.insert(name.to_string(), self.header(name.as_str()).into());
        }
        headers.entry("x-forwarded-for").or_insert_with(|| self.source.to_string().into());
        headers.entry("x-forwarded-proto").or_insert_with(|| "http".into());
        let port = self.header("host").and_then(|host| Some(host.rsplit_once(':')?.1.to_owned()));
        headers.entry("x-forwarded-port").or_insert_with(|| port.unwrap_or_else(|| "80".to_owned()).into());
        headers.entry("x-amzn-trace-id").or_insert_with(|| format!("Root=1-{}", clock::request_id()).into());
        let cookies = self.headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
        let cookies = cookies.flat_map(|value| value.split(';')).map(|cookie| cookie.trim().to_owned());
        (headers, cookies.filter(|cookie| !cookie.is_empty()).collect())
    }
}

/// Who has the other end of the connection.
fn source(parts: &Parts) -> IpAddr {
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip())
}

/// The event of payload format 2.0.
pub fn event(incoming: &Incoming, context: Context<'_>) -> Value {
    let request_context = request_context(incoming, &context);
    let (headers, cookies) = incoming.headers_and_cookies();
    let mut event = json!({
        "version": "2.0",
        "routeKey": context.route_key,
        "rawPath": context.raw_path,
        "rawQueryString": incoming.query,
        "headers": headers,
        "requestContext": request_context,
        "isBase64Encoded": false,
    });
    let query = incoming.query_parameters();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    if !context.path_parameters.is_empty() {
        event["pathParameters"] = json!(context.path_parameters);
    }
    if !incoming.body.is_empty() {
        let text = std::str::from_utf8(&incoming.body).ok().filter(|_| is_text(&incoming.headers));
        event["isBase64Encoded"] = json!(text.is_none());
        event["body"] = text.map_or_else(|| json!(STANDARD.encode(&incoming.body)), |text| json!(text));
    }
    event
}

/// `requestContext`, which authorizer events share.
pub fn request_context(incoming: &Incoming, context: &Context<'_>) -> Value {
    let host = incoming.header("host").unwrap_or_default();
    let domain = host.split(':').next().unwrap_or_default();
    let time = context.now.format(format_description!(
        "[day]/[month repr:short]/[year]:[hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
    ));
    let mut value = json!({
        "accountId": context.account,
        "apiId": context.api_id,
        "domainName": domain,
        "domainPrefix": domain.split('.').next().unwrap_or_default(),
        "http": {
            "method": incoming.method,
            "path": context.raw_path,
            "protocol": "HTTP/1.1",
            "sourceIp": incoming.source,
            "userAgent": incoming.header("user-agent").unwrap_or_default(),
        },
        "requestId": clock::request_id(),
        "routeKey": context.route_key,
        "stage": "$default",
        "time": time.unwrap_or_default(),
        "timeEpoch": (context.now.unix_timestamp_nanos() / 1_000_000) as i64,
    });
    if let Some(authorizer) = &context.authorizer {
        value["authorizer"] = authorizer.clone();
    }
    value
}

/// Content types whose bodies travel as text; all others, forms among them, travel as base64.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get("content-type").and_then(|kind| kind.to_str().ok()) else { return true };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(
            kind.as_str(),
            "application/json" | "application/javascript" | "application/xml" | "application/graphql"
        )
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

/// Percent-decoding as query strings use it: `+` is a space.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
