//! The inputs in `events/webhooks`, read as Lambda hands them over.

use lambda_http::RequestExt;

use super::*;
use crate::push::Pushed;

/// What the deliveries are signed with (events/README.md).
const SECRET: &str = "slw_5ddd3d8afa4fede747452705a70edac5b6236a0d1d9276ea7da74a28dfcf0a4c";

/// Headers and raw body of a delivery.
fn delivery(event: &str) -> (HeaderMap, Vec<u8>) {
    let request = lambda_http::request::from_str(event).expect("it is an event of API Gateway");
    assert_eq!(request.path_parameters().first("project"), Some("01m7wd5zx04h111s446yv5atc0"));
    (request.headers().clone(), request.body().to_vec())
}

fn meaning(event: &str) -> Result<Pushed, Ignored> {
    let (headers, body) = delivery(event);
    assert!(signature::is_right(Some(SECRET), &headers, &body));
    assert_eq!(headers["x-github-event"], "push");
    let push: Push = read(&headers, &body).expect("it is a push");
    assert_eq!(push.repository.id, 186853002);
    push.meaning()
}

#[test]
fn a_push_means_the_same_as_json_and_as_a_form_in_base64() {
    let pushed = meaning(include_str!("../../../../events/webhooks/push.json"));
    let form = meaning(include_str!("../../../../events/webhooks/push-form.json"));
    assert_eq!(pushed, form);
    let pushed = pushed.unwrap();
    assert_eq!((pushed.branch.as_str(), pushed.login.unwrap().as_str()), ("main", "octocat"));
}

#[test]
fn tags_deletions_and_marked_commits_are_told_apart() {
    assert_eq!(meaning(include_str!("../../../../events/webhooks/tag.json")), Err(Ignored::Tag));
    assert_eq!(meaning(include_str!("../../../../events/webhooks/deletion.json")), Err(Ignored::Deleted));
    assert_eq!(meaning(include_str!("../../../../events/webhooks/skip.json")), Err(Ignored::Skipped));
}

#[test]
fn a_ping_names_the_repository() {
    let (headers, body) = delivery(include_str!("../../../../events/webhooks/ping.json"));
    assert!(signature::is_right(Some(SECRET), &headers, &body));
    let ping: Ping = read(&headers, &body).expect("it is a ping");
    assert_eq!(ping.repository.map(|repository| repository.id), Some(186853002));
}

#[test]
fn a_bad_signature_is_none() {
    let (headers, body) = delivery(include_str!("../../../../events/webhooks/bad-signature.json"));
    assert!(!signature::is_right(Some(SECRET), &headers, &body));
}
