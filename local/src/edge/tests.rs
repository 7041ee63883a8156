use serde_json::{Value, json};
use std::time::{Duration, Instant};

use super::{EdgeFunction, Error};
use crate::aws::keyvalue::KeyValueStores;

const ARN: &str = "arn:aws:cloudfront::123456789012:key-value-store/11111111-2222-3333-4444-555555555555";

/// A store with `site` = `{"live":"d1"}` and `plain` = `text`, filled through its API.
async fn store(dir: &std::path::Path) -> KeyValueStores {
    let stores = KeyValueStores::open(dir, &[ARN.to_owned()]).unwrap();
    let body =
        json!({ "Puts": [{ "Key": "site", "Value": "{\"live\":\"d1\"}" }, { "Key": "plain", "Value": "text" }] });
    let request =
        http::Request::post(format!("/key-value-stores/{}/keys", ARN.replace(':', "%3A").replace('/', "%2F")))
            .header("If-Match", stores.summary(ARN).unwrap().etag)
            .body(axum::body::Body::from(body.to_string()))
            .unwrap();
    assert_eq!(stores.handle(request).await.status(), 200);
    stores
}

fn event(uri: &str) -> Value {
    json!({ "version": "1.0", "context": {}, "viewer": { "ip": "192.0.2.1" },
        "request": { "method": "GET", "uri": uri, "querystring": {}, "headers": { "host": { "value": "site.example" } }, "cookies": {} } })
}

async fn run(source: &str) -> Result<Value, Error> {
    let dir = tempfile::tempdir().unwrap();
    EdgeFunction::new(source, store(dir.path()).await, Some(ARN.to_owned()))?.viewer_request(event("/a")).await
}

/// What an expression gives inside a handler.
async fn value_of(expression: &str) -> Value {
    let source = format!(
        "import cf from 'cloudfront'; import crypto from 'crypto'; const kvs = cf.kvs();
         async function handler(event) {{ return {{ statusCode: 200, body: JSON.stringify({expression}) }}; }}"
    );
    let answer = run(&source).await.unwrap();
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_function_reads_the_store_and_rewrites_the_request() {
    let source = "import cf from 'cloudfront';
        const kvs = cf.kvs();
        async function handler(event) {
            const request = event.request;
            const site = await kvs.get('site', { format: 'json' });
            console.log('rewriting', request.uri);
            request.uri = '/' + site.live + request.uri;
            return request;
        }";
    assert_eq!(run(source).await.unwrap()["uri"], "/d1/a");
}

#[tokio::test]
async fn a_plain_function_may_answer_itself() {
    let source = "function handler(event) {
        return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: '/b' } } }; }";
    assert_eq!(run(source).await.unwrap()["statusCode"], 302);
}

#[tokio::test]
async fn the_store_has_the_documented_methods() {
    assert_eq!(value_of("await kvs.get('plain')").await, "text");
    assert_eq!(value_of("await kvs.exists('plain')").await, true);
    assert_eq!(value_of("await kvs.exists('nothing')").await, false);
    assert_eq!(value_of("await kvs.count()").await, 2);
    assert_eq!(value_of("(await kvs.meta()).keyCount").await, 2);
    assert_eq!(value_of("(await kvs.get('plain', { format: 'bytes' })).length").await, 4);
    assert_eq!(value_of("await kvs.get('nothing').catch((error) => 'missing')").await, "missing");
    assert!(matches!(
        run("import cf from 'cloudfront'; async function handler(e) { await cf.kvs().get('nothing'); return e.request; }").await,
        Err(Error::Thrown(message)) if message.contains("KeyNotFound")
    ));
}

#[tokio::test]
async fn hashes_buffers_and_query_strings_are_there() {
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(value_of("crypto.createHash('sha256').update('hel').update('lo').digest('hex')").await, hello);
    // RFC 4231, test case 2
    let mac = "crypto.createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest('hex')";
    assert_eq!(value_of(mac).await, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(value_of("Buffer.from('dXNlcjpww6Q=', 'base64').toString()").await, "user:pä");
    assert_eq!(value_of("Buffer.from('ä€🦀').toString('hex')").await, "c3a4e282acf09fa680");
    assert_eq!(value_of("btoa('user:x') + atob('dXNlcjp4')").await, "dXNlcjp4user:x");
    assert_eq!(value_of("require('querystring').parse('a=1&a=2&b=%20')").await, json!({ "a": ["1", "2"], "b": " " }));
}

#[tokio::test]
async fn what_cloudfront_refuses_is_refused() {
    for (answer, reason) in [
        ("undefined", "not an object"),
        ("'text'", "not an object"),
        ("{}", "neither uri nor statusCode"),
        ("{ uri: 'a' }", "slash"),
        ("{ statusCode: '200' }", "statusCode"),
        ("{ statusCode: 99 }", "statusCode"),
        ("{ statusCode: 200, headers: { Location: { value: '/' } } }", "lower case"),
        ("{ statusCode: 200, headers: { location: '/' } }", "string value"),
        ("{ statusCode: 200, body: { data: 'x' } }", "encoding"),
    ] {
        let outcome = run(&format!("function handler() {{ return {answer}; }}")).await;
        assert!(matches!(&outcome, Err(Error::Answer(message)) if message.contains(reason)), "{answer}: {outcome:?}");
    }
}

#[tokio::test]
async fn code_from_text_timers_and_network_do_not_exist() {
    for attempt in [
        "eval('1')",
        "Function('return 1')()",
        "(() => {}).constructor('return 1')()",
        "(async () => {}).constructor('return 1')()",
        "setTimeout(() => {}, 1)",
        "fetch('http://x')",
        "require('fs')",
        "__modules",
        "__get('plain')",
    ] {
        let outcome = run(&format!("function handler(event) {{ {attempt}; return event.request; }}")).await;
        assert!(matches!(outcome, Err(Error::Thrown(_))), "{attempt}: {outcome:?}");
    }
    assert!(matches!(
        run("import fs from 'fs'; function handler(e) { return e.request; }").await,
        Err(Error::Source(_))
    ));
}

#[tokio::test]
async fn a_source_that_cannot_be_loaded_says_why() {
    for source in
        ["function handler(", "function other() {}", "throw new Error('no')", "const handler = 1;", "while (true) {}"]
    {
        let outcome = run(source).await;
        assert!(matches!(outcome, Err(Error::Source(_))), "{source}: {outcome:?}");
    }
    let dir = tempfile::tempdir().unwrap();
    let source = "import cf from 'cloudfront'; const kvs = cf.kvs(); function handler(e) { return e.request; }";
    let stores = KeyValueStores::open(dir.path(), &[]).unwrap();
    assert!(EdgeFunction::new(source, stores, None).is_err_and(|error| error.to_string().contains("not associated")));
}

#[tokio::test]
async fn endless_greedy_and_never_answering_calls_end_and_spoil_nothing() {
    let source = "let calls = 0;
        async function handler(event) {
            calls += 1;
            switch (event.request.uri) {
                case '/loop': while (true) {}
                case '/heap': { const all = []; while (true) all.push('x'.repeat(1e6) + all.length); }
                case '/deep': { const deep = () => deep() + 1; return deep(); }
                case '/never': return new Promise(() => {});
                default: event.request.uri = '/fine'; return event.request;
            }
        }";
    let dir = tempfile::tempdir().unwrap();
    let function = EdgeFunction::new(source, store(dir.path()).await, None).unwrap();
    assert!(matches!(function.viewer_request(event("/loop")).await, Err(Error::Limits(_))));
    assert!(function.viewer_request(event("/heap")).await.is_err());
    assert!(function.viewer_request(event("/deep")).await.is_err());
    assert!(matches!(function.viewer_request(event("/never")).await, Err(Error::Limits(_))));
    for _ in 0..4 {
        assert_eq!(function.viewer_request(event("/a")).await.unwrap()["uri"], "/fine");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_calls_a_second_are_answered() {
    let source = "import cf from 'cloudfront'; const kvs = cf.kvs();
        async function handler(event) { event.request.uri = '/' + await kvs.get('plain'); return event.request; }";
    let dir = tempfile::tempdir().unwrap();
    let function = EdgeFunction::new(source, store(dir.path()).await, Some(ARN.to_owned())).unwrap();
    let begun = Instant::now();
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let function = function.clone();
            tokio::spawn(async move {
                for _ in 0..1000 {
                    assert_eq!(function.viewer_request(event("/a")).await.unwrap()["uri"], "/text");
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    let took = begun.elapsed();
    println!("{:.0} calls a second", 4000.0 / took.as_secs_f64());
    // A generous bound: it must hold on a busy machine and still catch a call that costs milliseconds.
    assert!(took < Duration::from_secs(8), "{took:?}");
}
