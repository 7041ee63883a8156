use aws_sdk_cloudfrontkeyvaluestore::Client;
use aws_sdk_cloudfrontkeyvaluestore::types::{DeleteKeyRequestListItem, PutKeyRequestListItem};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::KeyValueStores;
use crate::aws::testing;

const ARN: &str = "arn:aws:cloudfront::123456789012:key-value-store/11111111-2222-3333-4444-555555555555";

/// Every name is this machine.
#[derive(Debug, Clone)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![std::net::Ipv4Addr::LOCALHOST.into()]))
    }
}

fn open(dir: &std::path::Path) -> KeyValueStores {
    KeyValueStores::open(dir, &[ARN.to_owned()]).unwrap()
}

/// The REST API as the SDK's model writes it, sent directly.
async fn ask(
    stores: &KeyValueStores,
    method: &str,
    rest: &str,
    etag: &str,
    body: Value,
) -> (u16, String, String, Value) {
    let arn = ARN.replace(':', "%3A").replace('/', "%2F");
    let mut request = http::Request::builder().method(method).uri(format!("/key-value-stores/{arn}{rest}"));
    if !etag.is_empty() {
        request = request.header("If-Match", etag);
    }
    let answer = stores.handle(request.body(Body::from(body.to_string())).unwrap()).await;
    let headers = answer.headers().clone();
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let (etag, code) = (header("etag").unwrap_or_default(), header("x-amzn-errortype").unwrap_or_default());
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, etag, code, serde_json::from_slice(&body).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_are_written_under_the_current_version_only_and_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let stores = open(dir.path());
    let (status, first, _, body) = ask(&stores, "GET", "", "", Value::Null).await;
    assert_eq!((status, &body["ItemCount"], &body["KvsARN"]), (200, &json!(0), &json!(ARN)));

    let (status, second, _, body) = ask(&stores, "PUT", "/keys/my%2Fkey", &first, json!({ "Value": "v" })).await;
    assert_eq!((status, &body["ItemCount"], &body["TotalSizeInBytes"]), (200, &json!(1), &json!(7)));
    assert_ne!(first, second);
    let (status, _, code, _) = ask(&stores, "PUT", "/keys/a", &first, json!({ "Value": "v" })).await;
    assert_eq!((status, code.as_str()), (409, "ConflictException"));
    let (status, _, code, _) = ask(&stores, "PUT", "/keys/a", "", json!({ "Value": "v" })).await;
    assert_eq!((status, code.as_str()), (400, "ValidationException"));

    let update = json!({ "Puts": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }], "Deletes": [{ "Key": "my/key" }] });
    let (status, third, _, _) = ask(&stores, "POST", "/keys", &second, update).await;
    assert_eq!(status, 200);
    let (_, _, _, page) = ask(&stores, "GET", "/keys?MaxResults=1", "", Value::Null).await;
    assert_eq!(page, json!({ "Items": [{ "Key": "a", "Value": "1" }], "NextToken": "a" }));
    let (status, _, _, _) = ask(&stores, "DELETE", "/keys/b", &third, Value::Null).await;
    assert_eq!(status, 200);

    let again = open(dir.path());
    assert_eq!(again.get(ARN, "a").as_deref(), Some("1"));
    assert_eq!(again.get(ARN, "b"), None);
    let (status, _, code, _) = ask(&again, "GET", "/keys/b", "", Value::Null).await;
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(again.summary(ARN).unwrap().items, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_beyond_the_limits_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let stores = open(dir.path());
    let etag = stores.summary(ARN).unwrap().etag;
    let put = |key: String, value: String| json!({ "Key": key, "Value": value });
    let many: Vec<_> = (0..51).map(|number| put(number.to_string(), String::new())).collect();
    let wrong = [
        json!({ "Puts": many }),
        json!({ "Puts": [put("k".repeat(513), String::new())] }),
        json!({ "Puts": [put("k".to_owned(), "v".repeat(1025))] }),
        json!({ "Puts": [put("k".to_owned(), "v".to_owned())], "Deletes": [{ "Key": "k" }] }),
        json!({}),
        json!({ "Puts": "no list" }),
    ];
    for update in wrong {
        let (status, _, code, body) = ask(&stores, "POST", "/keys", &etag, update).await;
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{body}");
    }
    assert_eq!(stores.summary(ARN).unwrap().etag, etag);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_writers_with_one_version_exactly_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    let stores = open(dir.path());
    let etag = stores.summary(ARN).unwrap().etag;
    let writers: Vec<_> = (0..20)
        .map(|number| {
            let (stores, etag) = (stores.clone(), etag.clone());
            tokio::spawn(async move {
                ask(&stores, "PUT", &format!("/keys/{number}"), &etag, json!({ "Value": "v" })).await.0
            })
        })
        .collect();
    let mut answers = Vec::new();
    for writer in writers {
        answers.push(writer.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers[0], 200);
    assert!(answers[1..].iter().all(|status| *status == 409), "{answers:?}");
    assert_eq!(stores.summary(ARN).unwrap().items, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_client_understands_every_answer() {
    let dir = tempfile::tempdir().unwrap();
    let stores = open(dir.path());
    let answer = move |request| {
        let stores = stores.clone();
        async move { stores.handle(request).await }
    };
    let address = testing::serve(answer).await;
    // The SDK puts the account in front of the endpoint's host, so that has to be a name, resolved by the test itself.
    let named = address.replace("127.0.0.1", "kvs.example");
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let http = Builder::new().tls_provider(tls).build_with_resolver(Loopback);
    let config = testing::sdk(&named, "key", "secret").into_builder().http_client(http).build();
    let client = Client::new(&config);
    let described = client.describe_key_value_store().kvs_arn(ARN).send().await.unwrap();
    assert_eq!((described.item_count(), described.status()), (0, Some("READY")));
    let put = PutKeyRequestListItem::builder().key("a").value("1").build().unwrap();
    let gone = DeleteKeyRequestListItem::builder().key("b").build().unwrap();
    let update = client.update_keys().kvs_arn(ARN).if_match(described.e_tag()).puts(put).deletes(gone);
    let updated = update.send().await.unwrap();
    assert_eq!((updated.item_count(), updated.total_size_in_bytes()), (1, 2));
    let stale = client.put_key().kvs_arn(ARN).if_match(described.e_tag()).key("c").value("2").send().await;
    assert!(stale.unwrap_err().into_service_error().is_conflict_exception());
    assert_eq!(client.get_key().kvs_arn(ARN).key("a").send().await.unwrap().value(), "1");
    let missing = client.get_key().kvs_arn(ARN).key("x").send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
}
