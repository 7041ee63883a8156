//! What the builder asks of the API and the bucket, counted.

use domain::deployment::FailureCode;

use super::deploy::{job, run};
use super::fake_api::FakeApi;
use super::git_server::GitServer;

const CALLS: [&str; 5] = ["register", "manifest", "urls", "PUT", "commit"];

fn counts(api: &FakeApi) -> [usize; 5] {
    CALLS.map(|call| api.requests(call))
}

fn site(git: &GitServer, files: usize, changed: usize) -> String {
    let text = |n: usize| if n < changed { format!("changed {n}") } else { format!("file {n}") };
    let files: Vec<(String, String)> = (0..files).map(|n| (format!("f{n}.txt"), text(n))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    git.commit("site", &files)
}

#[test]
fn a_deploy_uploads_equal_bytes_once_and_a_redeploy_only_what_changed() {
    let git = GitServer::start();
    let first = site(&git, 1_200, 0);
    let api = FakeApi::start(Some(job(&git.url("site"), &first)));
    assert_eq!(run(&api), 0);
    assert_eq!(counts(&api), [1, 1, 3, 1_200, 1]);

    // The next deployment of the same project finds the bucket as the first has left it.
    let next = |commit: &str| {
        let next = FakeApi::start(Some(job(&git.url("site"), commit)));
        next.recorded.lock().unwrap().blobs = api.recorded.lock().unwrap().blobs.clone();
        assert_eq!(run(&next), 0);
        counts(&next)
    };
    assert_eq!(next(&site(&git, 1_200, 7)), [1, 1, 1, 7, 1]);
    assert_eq!(next(&first), [1, 1, 0, 0, 1]);
}

#[test]
fn a_manifest_of_many_files_is_sent_in_pages() {
    let git = GitServer::start();
    let files: Vec<String> = (0..2_600).map(|n| format!("f{n}.txt")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|name| (name.as_str(), "the same everywhere")).collect();
    let commit = git.commit("same", &files);
    let api = FakeApi::start(Some(job(&git.url("same"), &commit)));
    assert_eq!(run(&api), 0);
    assert_eq!(counts(&api), [1, 2, 1, 1, 1]);
    let committed = api.recorded.lock().unwrap().committed.clone().unwrap();
    assert_eq!((committed.pages, committed.files), (2, 2_600));
}

#[test]
fn passing_trouble_is_waited_out() {
    let git = GitServer::start();
    let commit = site(&git, 5, 0);
    let api = FakeApi::start(Some(job(&git.url("site"), &commit)));
    let trouble = [("register", 429), ("manifest", 500), ("urls", 502), ("PUT", 409), ("commit", 504), ("log", 503)];
    api.recorded.lock().unwrap().trouble = trouble.map(|(call, status)| (call.to_owned(), status)).into();
    assert_eq!(run(&api), 0);
    assert_eq!(counts(&api), [2, 2, 2, 10, 2]);
    let log = api.log_text();
    assert!(log.contains("clone: ") && log.contains("upload: "), "{log}");
}

#[test]
fn an_expired_address_is_asked_for_again() {
    let git = GitServer::start();
    let commit = site(&git, 2, 0);
    let api = FakeApi::start(Some(job(&git.url("site"), &commit)));
    api.recorded.lock().unwrap().trouble = [("PUT".to_owned(), 403)].into();
    assert_eq!(run(&api), 0);
    assert_eq!(counts(&api), [1, 1, 3, 4, 1]);
}

#[test]
fn bytes_that_are_there_already_are_success() {
    let git = GitServer::start();
    let commit = site(&git, 3, 0);
    let api = FakeApi::start(Some(job(&git.url("site"), &commit)));
    api.recorded.lock().unwrap().trouble = [("PUT".to_owned(), 412)].into();
    // This bucket says 412 without having the bytes: the builder believes it, and the API is who finds out.
    assert_eq!(run(&api), 1);
    assert_eq!(api.requests("PUT"), 3);
    let failure = api.recorded.lock().unwrap().failure.clone().unwrap();
    assert!(failure.message.ends_with("409 bytes are missing"), "{}", failure.message);
}

#[test]
fn a_refused_commit_is_reported_in_the_apis_words() {
    let git = GitServer::start();
    let commit = site(&git, 1, 0);
    let api = FakeApi::start(Some(job(&git.url("site"), &commit)));
    api.recorded.lock().unwrap().trouble = [("commit".to_owned(), 409)].into();
    assert_eq!(run(&api), 1);
    let failure = api.recorded.lock().unwrap().failure.clone().unwrap();
    assert_eq!(failure.code, FailureCode::UploadFailed);
    assert_eq!(failure.message, "Slipway's API, commit: 409 trouble");
}

#[test]
fn a_used_ticket_ends_the_builder_before_it_runs_anything() {
    let git = GitServer::start();
    let commit = site(&git, 1, 0);
    let api = FakeApi::start(Some(job(&git.url("site"), &commit)));
    api.recorded.lock().unwrap().token = Some(domain::Sha256::of(b"another"));
    assert_eq!(run(&api), 1);
    assert!(git.asked().is_empty());
}
