//! The binary as a plain HTTP server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::s3::{S3, deployment};
use crate::visit::address;

#[tokio::test]
async fn the_binary_serves_http_and_ends_on_sigterm() {
    let s3 = S3::start().await;
    s3.deploy(deployment(), &[("index.html", "text/html", b"hello", b"")]).await;
    let mut process = Command::new(env!("CARGO_BIN_EXE_site"))
        .env_clear()
        .envs([("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret")])
        .envs([
            ("AWS_ENDPOINT_URL", s3.endpoint.as_str()),
            ("ARTIFACTS_BUCKET", "artifacts"),
            ("SITE_LISTEN", "127.0.0.1:0"),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let log = process.stdout.take().unwrap();
    let (id, path) = (process.id().to_string(), address("/"));

    let (answer, status) = tokio::task::spawn_blocking(move || {
        // Its first line of log says where it serves.
        let mut line = String::new();
        BufReader::new(log).read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("127.0.0.1:").unwrap_or_else(|| panic!("no address in {line:?}"));
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        (answer, process.wait().unwrap())
    })
    .await
    .unwrap();

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhello"), "{answer}");
    assert!(status.success(), "{status}");
}
