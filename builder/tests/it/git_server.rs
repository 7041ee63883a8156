//! A Git server over HTTP: `git http-backend` behind as much of HTTP/1.1 as git's client speaks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

pub struct GitServer {
    directory: TempDir,
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl GitServer {
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (root, log) = (directory.path().to_owned(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (root, log) = (root.clone(), log.clone());
                std::thread::spawn(move || serve(stream, &root, &log));
            }
        });
        Self { directory, port, asked }
    }

    /// Makes a repository of these files and gives its newest commit.
    pub fn commit(&self, name: &str, files: &[(&str, &str)]) -> String {
        let tree = self.tree(name);
        if !tree.exists() {
            std::fs::create_dir(&tree).unwrap();
            self.git(name, &["init", "-q", "-b", "main"]);
        }
        for (path, text) in files {
            let path = tree.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        self.commit_tree(name)
    }

    /// Commits the tree as it is.
    pub fn commit_tree(&self, name: &str) -> String {
        self.git(name, &["add", "-A"]);
        self.git(
            name,
            &["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", "m"],
        );
        self.git(name, &["rev-parse", "HEAD"])
    }

    pub fn tree(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn git(&self, name: &str, arguments: &[&str]) -> String {
        let output = Command::new("git").arg("-C").arg(self.tree(name)).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, root: &Path, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    log.lock().unwrap().push(format!("{method} {target}"));
    let (mut length, mut kind, mut encoding, mut version, mut chunked) =
        (0, String::new(), String::new(), String::new(), false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "content-type" => kind = value.to_owned(),
            "content-encoding" => encoding = value.to_owned(),
            "git-protocol" => version = value.to_owned(),
            "transfer-encoding" => chunked = true,
            _ => {}
        }
    }
    assert!(!chunked, "the requests of a shallow fetch are small");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut stream = stream;
    if let Some(to) = target.strip_prefix("/moved/") {
        let _ =
            write!(stream, "HTTP/1.1 302 Found\r\nLocation: /{to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROTOCOL", version)
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", kind)
        .env("HTTP_CONTENT_ENCODING", encoding)
        .env("CONTENT_LENGTH", length.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&body).unwrap();
    let answer = child.wait_with_output().unwrap().stdout;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    let rest = &answer[(end + 4).min(answer.len())..];
    let _ =
        write!(stream, "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", rest.len());
    let _ = stream.write_all(rest);
}
