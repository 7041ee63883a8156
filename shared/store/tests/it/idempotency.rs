//! Names of requests: taken once, answered again, free in the end.

use std::time::Duration;

use domain::Sha256;
use futures_util::future::join_all;
use store::Begun;

use crate::installation::Installation;
use crate::making::moment;

fn hash(text: &str) -> Sha256 {
    Sha256::of(text.as_bytes())
}

#[tokio::test]
async fn a_request_runs_once_and_its_answer_is_given_again_in_one_write() {
    let here = Installation::new().await;
    let begin = |request, at| here.idempotency.begin(hash("name"), hash(request), moment(at));
    assert_eq!(begin("request", 0).await.unwrap(), Begun::New);
    assert_eq!(begin("request", 1).await.unwrap(), Begun::Running);
    assert_eq!(begin("another", 1).await.unwrap(), Begun::Other);
    here.idempotency.finish(hash("name"), b"answer", moment(2)).await.unwrap();
    here.wire.operations();
    assert_eq!(begin("request", 3).await.unwrap(), Begun::Done(b"answer".to_vec()));
    assert_eq!(here.wire.operations(), ["PutItem"]);
    assert_eq!(begin("another", 3).await.unwrap(), Begun::Other);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let here = Installation::new().await;
    let day = Duration::from_secs(24 * 60 * 60).as_secs();
    let begin = |at| here.idempotency.begin(hash("name"), hash("request"), moment(at));
    begin(0).await.unwrap();
    here.idempotency.finish(hash("name"), b"answer", moment(5)).await.unwrap();
    assert_eq!(begin(day + 4).await.unwrap(), Begun::Done(b"answer".to_vec()));
    assert_eq!(begin(day + 6).await.unwrap(), Begun::New);
}

#[tokio::test]
async fn what_failed_or_was_lost_is_free_again() {
    let here = Installation::new().await;
    let begin = |request, at| here.idempotency.begin(hash("name"), hash(request), moment(at));
    begin("request", 0).await.unwrap();
    here.idempotency.forget(hash("name")).await.unwrap();
    assert_eq!(begin("another", 1).await.unwrap(), Begun::New);
    assert_eq!(begin("another", 60).await.unwrap(), Begun::Running);
    assert_eq!(begin("another", 62).await.unwrap(), Begun::New);
}

#[tokio::test]
async fn of_fifty_at_once_one_runs() {
    let here = Installation::new().await;
    let all = (0..50).map(|_| here.idempotency.begin(hash("name"), hash("request"), moment(0)));
    let begun: Vec<Begun> = join_all(all).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(begun.iter().filter(|begun| **begun == Begun::New).count(), 1);
    assert_eq!(begun.iter().filter(|begun| **begun == Begun::Running).count(), 49);
}
