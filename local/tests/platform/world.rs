//! A platform on any free ports with state of its own.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::HOST;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use local::platform::{Platform, Settings};
use serde_json::Value;

/// Long enough for a loaded machine; nothing waits this long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct World {
    pub folder: tempfile::TempDir,
    pub public: SocketAddr,
    pub aws: SocketAddr,
    platform: Option<Platform>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// Lays out executables and template in a folder.
pub fn prepare(folder: &Path) {
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["gate", "echo", "short", "broken", "site"] {
        let path = bin.join(name);
        fs::write(&path, include_str!("bootstrap.py")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(folder.join("template.yaml"), include_str!("template.yaml")).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the script's interpreter is found on the tester's own PATH")]
pub fn path() -> String {
    std::env::var("PATH").unwrap()
}

pub fn settings(folder: &Path) -> Settings {
    Settings {
        template: folder.join("template.yaml"),
        bin_dir: folder.join("bin"),
        state: folder.join("state"),
        port: 0,
        aws_port: 0,
        parameters: BTreeMap::from([("Notes".to_owned(), folder.join("notes").display().to_string())]),
        images: HashMap::new(),
        record: true,
        retry_delays: vec![Duration::from_millis(10)],
        path: path(),
        task_environment: Vec::new(),
    }
}

impl World {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let platform = Platform::start(settings(folder.path())).await.unwrap();
        Self { folder, public: platform.addresses.public, aws: platform.addresses.aws, platform: Some(platform) }
    }

    pub async fn stop(mut self) -> tempfile::TempDir {
        self.platform.take().unwrap().stop().await;
        self.folder
    }

    pub async fn api(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        send(self.public, method, path, headers, body.to_owned().into()).await
    }

    pub async fn site(&self, method: &str, label: &str, path: &str) -> Answer {
        let host = format!("{label}.localhost:{}", self.public.port());
        send(self.public, method, path, &[("host", &host)], Bytes::new()).await
    }

    pub async fn invoke(&self, function: &str, kind: &str, event: &Value) -> Answer {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        send(self.aws, "POST", &path, &[("x-amz-invocation-type", kind)], event.to_string().into()).await
    }

    pub async fn local(&self, method: &str, path: &str, body: &Value) -> Value {
        send(self.aws, method, path, &[], body.to_string().into()).await.json()
    }

    pub async fn target(&self, target: &str, input: &Value) -> Answer {
        send(self.aws, "POST", "/", &[("x-amz-target", target)], input.to_string().into()).await
    }

    /// The bodies of a queue's messages, once there are as many as wanted.
    pub async fn messages(&self, queue: &str, wanted: usize) -> Vec<Value> {
        let mut found = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while found.len() < wanted && Instant::now() < deadline {
            let input = serde_json::json!({ "QueueUrl": format!("http://h/0/{queue}"), "WaitTimeSeconds": 1 });
            let answer = self.target("AmazonSQS.ReceiveMessage", &input).await.json();
            found.extend(answer["Messages"].as_array().unwrap().iter().cloned());
        }
        found
    }

    /// What functions noted, once there is as much as wanted.
    pub async fn notes(&self, wanted: usize) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = fs::read_to_string(self.folder.path().join("notes")).unwrap_or_default();
            let found: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if found.len() >= wanted || Instant::now() > deadline {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub fn client() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).build_http()
}

pub fn request(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(format!("http://{to}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Full::new(body)).unwrap();
    let host = to.to_string().parse().unwrap();
    request.headers_mut().entry(HOST).or_insert(host);
    request
}

pub async fn send(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
    let response = client().request(request(to, method, path, headers, body)).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = tokio::time::timeout(PATIENCE, body.collect()).await.unwrap();
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    Answer { status: parts.status, headers: parts.headers, body }
}
