//! The API and a bucket as the protocol describes them, strict about every detail a builder could get wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::Sha256;
use domain::log::LogLine;
use domain::upload::{
    Commitment, Entry, FailureReport, Job, LogChunk, MOST_ENTRIES, MOST_LINES, MOST_URLS, ManifestPage, Missing,
    Register, SignedPut, Urls, UrlsRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::place::{DEPLOYMENT, PROJECT};

#[derive(Default)]
pub struct Recorded {
    pub job: Option<Job>,
    pub token: Option<Sha256>,
    pub requests: Vec<String>,
    pub entries: Vec<Entry>,
    pub blobs: BTreeMap<Sha256, Vec<u8>>,
    pub log: Vec<LogLine>,
    pub chunks: u32,
    pub committed: Option<Commitment>,
    pub failure: Option<FailureReport>,
    /// The first request of each of these calls is answered with this status.
    pub trouble: BTreeMap<String, u16>,
    signed: BTreeSet<String>,
}

#[derive(Clone)]
pub struct FakeApi {
    pub url: String,
    pub recorded: Arc<Mutex<Recorded>>,
}

impl FakeApi {
    pub fn start(job: Option<Job>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let recorded = Arc::new(Mutex::new(Recorded { job, ..Recorded::default() }));
        let api = Self { url, recorded };
        let state = api.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let limit = axum::extract::DefaultBodyLimit::disable();
                let router = Router::new().fallback(answer).layer(limit).with_state(state);
                axum::serve(listener, router).await.unwrap();
            });
        });
        api
    }

    pub fn requests(&self, of: &str) -> usize {
        self.recorded.lock().unwrap().requests.iter().filter(|request| *request == of).count()
    }

    pub fn log_text(&self) -> String {
        let recorded = self.recorded.lock().unwrap();
        recorded.log.iter().map(|line| format!("{:?} {:?} {}\n", line.stage, line.stream, line.text)).collect()
    }
}

async fn answer(State(api): State<FakeApi>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut recorded = api.recorded.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = uri.path().strip_prefix("/bucket/") {
        return put(&mut recorded, key, &uri, &headers, &body).into_response();
    }
    let prefix = format!("/projects/{PROJECT}/deployments/{DEPLOYMENT}/");
    let Some(call) = uri.path().strip_prefix(&prefix).map(str::to_owned) else {
        return problem(StatusCode::NOT_FOUND, "there is no such deployment");
    };
    recorded.requests.push(call.clone());
    if let Some(status) = recorded.trouble.remove(&call) {
        return problem(StatusCode::from_u16(status).unwrap(), "trouble");
    }
    if call != "register" {
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = bearer.strip_prefix("Bearer ").unwrap_or_default();
        if !token.starts_with("slb_") || token.len() < 47 || recorded.token != Some(Sha256::of(token.as_bytes())) {
            return problem(StatusCode::UNAUTHORIZED, "the token is not this deployment's");
        }
    }
    assert_eq!(method, Method::POST);
    match call.as_str() {
        "register" => {
            let register: Register = read(&headers, &body);
            if register.ticket != "one-time-ticket"
                || recorded.token.is_some_and(|token| token != register.token_sha256)
            {
                return problem(StatusCode::FORBIDDEN, "the ticket has been used");
            }
            recorded.token = Some(register.token_sha256);
            json(&recorded.job)
        }
        "log" => {
            let chunk: LogChunk = read(&headers, &body);
            assert!(chunk.lines.len() <= MOST_LINES);
            if chunk.number == recorded.chunks {
                recorded.chunks += 1;
                recorded.log.extend(chunk.lines);
            }
            StatusCode::NO_CONTENT.into_response()
        }
        "manifest" => {
            let page: ManifestPage = read(&headers, &body);
            assert!(page.entries.len() <= MOST_ENTRIES);
            let mut missing = Missing { missing: Vec::new() };
            let mut seen = BTreeSet::new();
            for (index, entry) in page.entries.into_iter().enumerate() {
                assert_eq!(entry.file.check(), Ok(()));
                if seen.insert(entry.file.sha256) && !recorded.blobs.contains_key(&entry.file.sha256) {
                    missing.missing.push(index as u32);
                }
                recorded.entries.push(entry);
            }
            json(&missing)
        }
        "urls" => {
            let request: UrlsRequest = read(&headers, &body);
            assert!(request.blobs.len() <= MOST_URLS);
            let sign = |blob: &domain::upload::Blob| {
                let checksum =
                    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, blob.sha256.as_bytes());
                let headers = [
                    ("content-length", blob.size.to_string()),
                    ("if-none-match", "*".to_owned()),
                    ("x-amz-checksum-sha256", checksum),
                ];
                let url = format!("{}/bucket/{}?signature=good", api.url, blob.sha256);
                SignedPut { url, headers: headers.map(|(name, value)| (name.to_owned(), value)).into() }
            };
            json(&Urls { uploads: request.blobs.iter().map(sign).collect() })
        }
        "commit" => {
            let commitment: Commitment = read(&headers, &body);
            assert_eq!(commitment.files as usize, recorded.entries.len());
            if !recorded.entries.iter().all(|entry| recorded.blobs.contains_key(&entry.file.sha256)) {
                return problem(StatusCode::CONFLICT, "bytes are missing");
            }
            recorded.committed = Some(commitment);
            StatusCode::NO_CONTENT.into_response()
        }
        "failure" => {
            recorded.failure = Some(read(&headers, &body));
            StatusCode::NO_CONTENT.into_response()
        }
        other => problem(StatusCode::NOT_FOUND, &format!("there is no call {other}")),
    }
}

fn put(recorded: &mut Recorded, key: &str, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> StatusCode {
    recorded.requests.push("PUT".to_owned());
    // The first try of each key meets the trouble, so that retries are seen for all of them.
    if let Some(status) = recorded.trouble.get("PUT").copied()
        && recorded.signed.insert(key.to_owned())
    {
        return StatusCode::from_u16(status).unwrap();
    }
    assert_eq!(uri.query(), Some("signature=good"));
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("content-length"), body.len().to_string());
    assert_eq!(header("transfer-encoding"), "");
    assert_eq!(header("if-none-match"), "*");
    assert_eq!(header("authorization"), "", "the API's token is not for the bucket");
    let sha256 = Sha256::of(body);
    if sha256.to_string() != key {
        return StatusCode::BAD_REQUEST;
    }
    if recorded.blobs.contains_key(&sha256) {
        return StatusCode::PRECONDITION_FAILED;
    }
    recorded.blobs.insert(sha256, body.to_vec());
    StatusCode::OK
}

fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> T {
    let mut text = Vec::new();
    match headers.get("content-encoding") {
        Some(encoding) => {
            assert_eq!(encoding, "gzip");
            flate2::read::GzDecoder::new(body.as_ref()).read_to_end(&mut text).unwrap();
        }
        None => text.extend_from_slice(body),
    }
    serde_json::from_slice(&text).unwrap()
}

fn json(value: &impl Serialize) -> Response {
    ([("content-type", "application/json")], serde_json::to_vec(value).unwrap()).into_response()
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let body = serde_json::json!({ "type": "about:blank", "status": status.as_u16(), "detail": detail }).to_string();
    (status, [("content-type", "application/problem+json")], body).into_response()
}
