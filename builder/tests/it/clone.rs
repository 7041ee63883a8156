//! Fetching from servers and repositories that mean harm.

use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use builder::clone::clone;
use builder::log::Log;
use domain::deployment::{Failure, FailureCode};
use domain::upload::Job;

use super::deploy::job;
use super::git_server::GitServer;
use super::place::{Place, now};

fn fetch(place: &Place, job: &Job) -> (Result<(), Failure>, String) {
    let (lines, said) = std::sync::mpsc::channel();
    let (log, sending) = Log::start(now, builder::log::Mask::default(), move |chunk| {
        for line in chunk.lines {
            lines.send(line.text).map_err(|_| "closed")?;
        }
        Ok::<(), &str>(())
    });
    let result = clone(&place.jail, &log, job, Instant::now() + Duration::from_secs(60));
    drop(log);
    sending.finish();
    (result, said.iter().collect::<Vec<_>>().join("\n"))
}

fn failure(job: &Job) -> String {
    let place = Place::new();
    let failure = fetch(&place, job).0.expect_err("it is refused");
    assert_eq!(failure.code, FailureCode::CloneFailed);
    failure.message
}

#[test]
fn exactly_the_commit_is_checked_out_even_when_the_branch_has_moved_on() {
    let git = GitServer::start();
    git.commit("app", &[("a.txt", "one"), ("run.sh", "x")]);
    git.git("app", &["update-index", "--chmod=+x", "run.sh"]);
    let first = git.commit_tree("app");
    git.commit("app", &[("a.txt", "two")]);
    let place = Place::new();
    fetch(&place, &job(&git.url("app"), &first)).0.unwrap();
    assert_eq!(std::fs::read_to_string(place.jail.checkout().join("a.txt")).unwrap(), "one");
    let head = std::fs::read_to_string(place.jail.checkout().join(".git/HEAD")).unwrap();
    assert_eq!(head.trim(), first);
}

#[test]
fn a_server_that_gives_branches_only_serves_a_branchs_head_and_nothing_older() {
    let git = GitServer::start();
    let first = git.commit("app", &[("a.txt", "one")]);
    let second = git.commit("app", &[("a.txt", "two")]);
    // Protocol version 0 is what refuses a commit that no branch names.
    git.git("app", &["config", "uploadpack.allowAnySHA1InWant", "false"]);
    git.git("app", &["config", "uploadpack.advertiseRefs", "true"]);
    let place = Place::new();
    fetch(&place, &job(&git.url("app"), &second)).0.unwrap();
    let missing = "1234567890123456789012345678901234567890";
    let message = failure(&job(&git.url("app"), missing));
    assert!(message.contains("is no longer the head of main") && message.contains(&second), "{message}");
    drop(first);
}

#[test]
fn a_redirect_is_not_followed_and_the_message_says_what_to_do() {
    let git = GitServer::start();
    let commit = git.commit("app", &[("a.txt", "one")]);
    let message = failure(&job(&git.url("moved/app"), &commit));
    assert!(message.contains("connect it by its new address"), "{message}");
    assert!(git.asked().iter().all(|asked| asked.contains("/moved/")), "{:?}", git.asked());
}

#[test]
fn a_missing_repository_is_named_without_a_prompt() {
    let git = GitServer::start();
    let message = failure(&job(&git.url("nothing"), "1234567890123456789012345678901234567890"));
    assert!(
        message.contains("/nothing") && message.contains("check that the repository exists and is public"),
        "{message}"
    );
}

#[test]
fn loopback_is_refused_where_the_job_does_not_allow_it() {
    let git = GitServer::start();
    let commit = git.commit("app", &[("a.txt", "one")]);
    let mut job = job(&git.url("app"), &commit);
    job.allow_loopback = false;
    assert!(failure(&job).contains("does not allow"));
    assert!(git.asked().is_empty());
}

#[test]
fn hooks_filters_submodules_and_file_watchers_of_a_repository_do_nothing() {
    let git = GitServer::start();
    let files = [
        (".gitattributes", "* filter=lfs\n*.txt filter=evil\n"),
        (
            ".gitmodules",
            "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c touch% /build/source/pwned\n\tupdate = !touch pwned\n",
        ),
        (".gitconfig", "[core]\n\tfsmonitor = touch pwned\n\thooksPath = hooks\n"),
        ("hooks/post-checkout", "#!/bin/sh\ntouch pwned\n"),
        ("a.txt", "one"),
    ];
    let inner = git.commit("inner", &[("a", "b")]);
    git.commit("app", &files);
    git.git("app", &["update-index", "--chmod=+x", "hooks/post-checkout"]);
    git.git("app", &["update-index", "--add", "--cacheinfo", &format!("160000,{inner},x")]);
    git.git("app", &["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "-m", "m"]);
    let commit = git.git("app", &["rev-parse", "HEAD"]);
    let place = Place::new();
    let (result, said) = fetch(&place, &job(&git.url("app"), &commit));
    result.unwrap();
    assert!(!place.jail.checkout().join("pwned").exists(), "{said}");
    assert_eq!(std::fs::read_dir(place.jail.checkout().join("x")).unwrap().count(), 0);
    assert!(place.sh("ls -A /build/home; ls -A /tmp").is_empty());
}

#[test]
fn links_of_a_repository_are_not_followed_by_the_builder() {
    let git = GitServer::start();
    git.commit("app", &[("a.txt", "one")]);
    symlink("/etc/passwd", git.tree("app").join("package.json")).unwrap();
    symlink("/etc", git.tree("app").join("site")).unwrap();
    let commit = git.commit_tree("app");
    let place = Place::new();
    fetch(&place, &job(&git.url("app"), &commit)).0.unwrap();
    let checkout = place.jail.checkout();
    let error = builder::plan::Plan::of(&checkout, &Default::default()).unwrap_err().to_string();
    assert!(error.contains("package.json cannot be read: it is not a plain file"), "{error}");
    assert_eq!(builder::output::within(&checkout, "site"), Err("is a link that leaves the repository"));
}
