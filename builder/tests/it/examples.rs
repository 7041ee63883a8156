//! The repository's example sites and fresh scaffolds, with the real package managers and the public registry.

use std::path::Path;
use std::process::Command;

use super::deploy::{job, run};
use super::fake_api::FakeApi;
use super::git_server::GitServer;

fn deploy(example: &str) -> FakeApi {
    let git = GitServer::start();
    git.commit("app", &[]);
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(example);
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(git.tree("app")).status().unwrap();
    assert!(copied.success());
    let commit = git.commit_tree("app");
    let mut job = job(&git.url("app"), &commit);
    job.timeout_seconds = 300;
    let api = FakeApi::start(Some(job));
    assert_eq!(run(&api), 0);
    api
}

fn types(api: &FakeApi) -> Vec<(String, String)> {
    let recorded = api.recorded.lock().unwrap();
    recorded.entries.iter().map(|entry| (entry.path.to_string(), entry.file.content_type.clone())).collect()
}

#[test]
fn the_plain_example_is_its_own_output() {
    let types = types(&deploy("examples/plain"));
    let paths: Vec<&str> = types.iter().map(|(path, _)| path.as_str()).collect();
    let expected = [
        "404.html",
        "about.html",
        "assets/boat.svg",
        "assets/style.css",
        "docs/404.html",
        "docs/index.html",
        "index.html",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn the_vite_example_is_installed_built_and_deployed() {
    let types = types(&deploy("examples/vite-react"));
    let has = |start: &str, end: &str, media: &str| {
        types.iter().any(|(path, found)| path.starts_with(start) && path.ends_with(end) && found == media)
    };
    assert!(has("index", ".html", "text/html; charset=utf-8"), "{types:?}");
    assert!(has("assets/index-", ".js", "text/javascript; charset=utf-8"), "{types:?}");
    assert!(has("assets/index-", ".css", "text/css; charset=utf-8"), "{types:?}");
}

#[test]
fn a_lockfile_that_one_npm_refuses_is_installed_by_another() {
    let api = deploy("tests/scaffolds/react-ts");
    assert!(types(&api).iter().any(|(path, _)| path == "index.html"));
    deploy("tests/scaffolds/vue-ts");
}
