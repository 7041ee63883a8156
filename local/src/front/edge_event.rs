//! CloudFront Functions' event structure, both ways.
//!
//! Source: "CloudFront Functions event structure".

use crate::payload::event::Incoming;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The event for a viewer request.
pub fn viewer_request(incoming: &Incoming, distribution: &str, domain: &str, id: &str) -> Value {
    json!({
        "version": "1.0",
        "context": {
            "distributionDomainName": domain,
            "distributionId": distribution,
            "eventType": "viewer-request",
            "requestId": id,
        },
        "viewer": { "ip": incoming.source },
        "request": {
            "method": incoming.method,
            "uri": incoming.path,
            "querystring": values(pairs(&incoming.query, '&')),
            "headers": values(header_pairs(&incoming.headers)),
            "cookies": values(cookie_pairs(&incoming.headers)),
        },
    })
}

/// `{name: {value, multiValue?}}`; the single value is the last one.
fn values(pairs: Vec<(String, String)>) -> Value {
    let mut grouped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        grouped.entry(name).or_default().push(value);
    }
    let mut object = Map::new();
    for (name, all) in grouped {
        let mut entry = json!({ "value": all.last() });
        if all.len() > 1 {
            entry["multiValue"] = all.iter().map(|value| json!({ "value": value })).collect();
        }
        object.insert(name, entry);
    }
    Value::Object(object)
}

fn pairs(text: &str, separator: char) -> Vec<(String, String)> {
    let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn header_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let headers = headers.iter().filter(|(name, _)| *name != "cookie");
    headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
}

fn cookie_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let cookies = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|cookies| pairs(cookies, ';')).collect()
}

/// All values of one entry.
fn all(entry: &Value) -> Vec<&str> {
    match entry["multiValue"].as_array() {
        Some(values) => values.iter().filter_map(|value| value["value"].as_str()).collect(),
        None => entry["value"].as_str().into_iter().collect(),
    }
}

fn join(object: &Value, separator: &str) -> String {
    let mut parts = Vec::new();
    for (name, entry) in object.as_object().into_iter().flatten() {
        for value in all(entry) {
            parts.push(if value.is_empty() && separator == "&" { name.clone() } else { format!("{name}={value}") });
        }
    }
    parts.join(separator)
}

/// Path, query string and headers (cookies among them) of a request that the function returned.
pub fn request(value: &Value) -> (String, String, HeaderMap) {
    let mut headers = headers(&value["headers"]);
    if let Ok(cookies) = HeaderValue::from_str(&join(&value["cookies"], "; "))
        && !cookies.is_empty()
    {
        headers.insert("cookie", cookies);
    }
    let query = match &value["querystring"] {
        Value::String(text) => text.clone(),
        object => join(object, "&"),
    };
    (value["uri"].as_str().unwrap_or("/").to_owned(), query, headers)
}

fn headers(object: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, entry) in object.as_object().into_iter().flatten() {
        for value in all(entry) {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
    }
    headers
}

/// A response that the function returned instead of a request; `None` if its status is no status.
pub fn response(value: &Value) -> Option<Response> {
    let status = StatusCode::from_u16(u16::try_from(value["statusCode"].as_u64()?).ok()?).ok()?;
    let body = match &value["body"] {
        Value::String(text) => text.clone().into_bytes(),
        body if body["encoding"] == "base64" => STANDARD.decode(body["data"].as_str()?).ok()?,
        body => body["data"].as_str().unwrap_or_default().as_bytes().to_vec(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers(&value["headers"]);
    for (name, entry) in value["cookies"].as_object().into_iter().flatten() {
        let attributes = entry["attributes"].as_str().map(|attributes| format!("; {attributes}")).unwrap_or_default();
        for value in all(entry) {
            if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={value}{attributes}")) {
                response.headers_mut().append("set-cookie", cookie);
            }
        }
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::body::Bytes;

    use super::*;

    #[test]
    fn a_request_survives_the_way_into_the_event_and_back() {
        let mut sent = HeaderMap::new();
        sent.append("host", HeaderValue::from_static("blog.localhost:8080"));
        sent.append("accept", HeaderValue::from_static("a"));
        sent.append("accept", HeaderValue::from_static("b"));
        sent.append("cookie", HeaderValue::from_static("x=1; y=2"));
        let incoming = Incoming {
            method: "GET".into(),
            path: "/a%20b".into(),
            query: "q=1&q=2&flag&r=%2F".into(),
            headers: sent,
            body: Bytes::new(),
            source: Ipv4Addr::new(127, 0, 0, 7).into(),
        };
        let event = viewer_request(&incoming, "E1", "d.localhost", "id");
        assert_eq!(event["viewer"]["ip"], "127.0.0.7");
        assert_eq!(
            event["request"]["querystring"]["q"],
            json!({ "value": "2", "multiValue": [{ "value": "1" }, { "value": "2" }] })
        );
        assert_eq!(event["request"]["headers"]["host"]["value"], "blog.localhost:8080");
        assert!(event["request"]["headers"].get("cookie").is_none());
        let (path, query, headers) = request(&event["request"]);
        assert_eq!((path.as_str(), query.as_str()), ("/a%20b", "flag&q=1&q=2&r=%2F"));
        assert_eq!(headers.get_all("accept").iter().count(), 2);
        assert_eq!(headers["cookie"], "x=1; y=2");
    }

    #[test]
    fn a_response_may_carry_text_base64_and_cookies() {
        let value = json!({
            "statusCode": 401,
            "headers": { "www-authenticate": { "value": "Basic" } },
            "cookies": { "a": { "value": "1", "attributes": "Path=/" } },
            "body": { "encoding": "text", "data": "no" },
        });
        let made = response(&value).unwrap();
        assert_eq!(made.status(), 401);
        assert_eq!(made.headers()["www-authenticate"], "Basic");
        assert_eq!(made.headers()["set-cookie"], "a=1; Path=/");
        assert!(response(&json!({ "statusCode": 1 })).is_none());
    }
}
