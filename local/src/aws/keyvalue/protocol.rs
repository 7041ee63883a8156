//! The REST API of CloudFront KeyValueStore, as the AWS SDK's model of it has it.

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::store::{Change, Refused};
use super::{KeyValueStores, Summary};
use crate::aws::reply;

const JSON: &str = "application/json";

/// ListKeys gives this many pairs when not asked for a number, and at most [`LARGEST_PAGE`].
const USUAL_PAGE: usize = 10;
const LARGEST_PAGE: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    #[serde(default)]
    puts: Vec<Pair>,
    #[serde(default)]
    deletes: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    key: String,
}

/// Answers one request.
pub async fn answer(stores: &KeyValueStores, request: Request) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let parts: Option<Vec<String>> = path.strip_prefix("/key-value-stores/").map(|rest| {
        rest.splitn(3, '/').map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
    });
    let parts = parts.unwrap_or_default();
    match (&method, parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice()) {
        (&Method::GET, [arn]) => describe(stores, arn),
        (&Method::GET, [arn, "keys"]) => list(stores, arn, request.uri().query().unwrap_or_default()),
        (&Method::GET, [arn, "keys", key]) => get(stores, arn, key),
        (&Method::POST, [arn, "keys"]) => {
            let arn = (*arn).to_owned();
            change(stores, arn, request, |body| {
                let update: Update = serde_json::from_slice(body)?;
                Ok(Change {
                    puts: update.puts.into_iter().map(|pair| (pair.key, pair.value)).collect(),
                    deletes: update.deletes.into_iter().map(|key| key.key).collect(),
                })
            })
            .await
        }
        (&Method::PUT, [arn, "keys", key]) => {
            let (arn, key) = ((*arn).to_owned(), (*key).to_owned());
            change(stores, arn, request, |body| {
                let put: Put = serde_json::from_slice(body)?;
                Ok(Change { puts: vec![(key, put.value)], ..Change::default() })
            })
            .await
        }
        (&Method::DELETE, [arn, "keys", key]) => {
            let (arn, key) = ((*arn).to_owned(), (*key).to_owned());
            change(stores, arn, request, |_| Ok(Change { deletes: vec![key], ..Change::default() })).await
        }
        _ => error(StatusCode::NOT_FOUND, "UnknownOperationException", "no operation has this method and path"),
    }
}

fn describe(stores: &KeyValueStores, arn: &str) -> Response {
    let Some(summary) = stores.summary(arn) else { return no_store() };
    let body = json!({
        "KvsARN": arn,
        "ItemCount": summary.items,
        "TotalSizeInBytes": summary.bytes,
        "Created": summary.created.unix_timestamp(),
        "LastModified": summary.modified.unix_timestamp(),
        "Status": "READY",
    });
    with_etag(reply::json(StatusCode::OK, JSON, body.to_string()), &summary)
}

fn get(stores: &KeyValueStores, arn: &str, key: &str) -> Response {
    let Some(summary) = stores.summary(arn) else { return no_store() };
    let Some(value) = stores.get(arn, key) else {
        return error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &format!("Key {key} was not found."));
    };
    let body = json!({ "Key": key, "Value": value, "ItemCount": summary.items, "TotalSizeInBytes": summary.bytes });
    reply::json(StatusCode::OK, JSON, body.to_string())
}

fn list(stores: &KeyValueStores, arn: &str, query: &str) -> Response {
    let parameter = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(percent_decode_str(pair).decode_utf8_lossy().into_owned())
    };
    let limit = match parameter("MaxResults").map(|text| text.parse::<usize>()) {
        None => USUAL_PAGE,
        Some(Ok(limit)) if (1..=LARGEST_PAGE).contains(&limit) => limit,
        Some(_) => return error(StatusCode::BAD_REQUEST, "ValidationException", "MaxResults is 1 to 50"),
    };
    let after = parameter("NextToken");
    let Some(mut pairs) = stores.page(arn, after.as_deref(), limit + 1) else { return no_store() };
    let more = pairs.len() > limit;
    pairs.truncate(limit);
    let items: Vec<Value> = pairs.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let mut body = json!({ "Items": items });
    if let (true, Some((last, _))) = (more, pairs.last()) {
        body["NextToken"] = json!(last);
    }
    reply::json(StatusCode::OK, JSON, body.to_string())
}

async fn change(
    stores: &KeyValueStores,
    arn: String,
    request: Request,
    read: impl FnOnce(&[u8]) -> serde_json::Result<Change>,
) -> Response {
    let expected = request.headers().get(header::IF_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Some(expected) = expected else {
        return error(StatusCode::BAD_REQUEST, "ValidationException", "the If-Match header is missing");
    };
    let Some(body) = reply::body(request).await else {
        return error(StatusCode::BAD_REQUEST, "ValidationException", "the request is too long");
    };
    let change = match read(&body) {
        Ok(change) => change,
        Err(reason) => return error(StatusCode::BAD_REQUEST, "ValidationException", &reason.to_string()),
    };
    let stores = stores.clone();
    match spawn_blocking(move || stores.change(&arn, &expected, &change)).await {
        Ok(Ok(summary)) => {
            let body = json!({ "ItemCount": summary.items, "TotalSizeInBytes": summary.bytes });
            with_etag(reply::json(StatusCode::OK, JSON, body.to_string()), &summary)
        }
        Ok(Err(refused)) => {
            let (status, code) = match refused {
                Refused::NoStore => (StatusCode::NOT_FOUND, "ResourceNotFoundException"),
                Refused::Stale(_) => (StatusCode::CONFLICT, "ConflictException"),
                Refused::Invalid(_) => (StatusCode::BAD_REQUEST, "ValidationException"),
                Refused::Quota(_) => (StatusCode::PAYMENT_REQUIRED, "ServiceQuotaExceededException"),
                Refused::File(_) => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException"),
            };
            error(status, code, &refused.to_string())
        }
        Err(panic) => error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException", &panic.to_string()),
    }
}

fn with_etag(mut response: Response, summary: &Summary) -> Response {
    let etag = HeaderValue::from_str(&summary.etag).expect("a version is letters and digits");
    response.headers_mut().insert(header::ETAG, etag);
    response
}

fn no_store() -> Response {
    error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &Refused::NoStore.to_string())
}

fn error(status: StatusCode, code: &'static str, message: &str) -> Response {
    let mut response = reply::json(status, JSON, json!({ "Message": message }).to_string());
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(code));
    response
}
