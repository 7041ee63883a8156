//! Whole builds with the real program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use domain::deployment::FailureCode;
use domain::upload::{BuildSettings, Job};
use domain::{Environment, FilePath};

use super::fake_api::FakeApi;
use super::git_server::GitServer;
use super::place::{DEPLOYMENT, PROJECT, network, path};

pub fn job(repository: &str, commit: &str) -> Job {
    Job {
        repository: repository.parse().unwrap(),
        allow_loopback: true,
        commit: commit.parse().unwrap(),
        branch: "main".parse().unwrap(),
        environment: Environment::Production,
        settings: BuildSettings::default(),
        variables: BTreeMap::new(),
        secrets: Vec::new(),
        timeout_seconds: 60,
    }
}

pub fn command(work: &Path, api: &FakeApi) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_builder"));
    command.env_clear().env("PATH", path()).env("SLIPWAY_API_URL", &api.url).env("SLIPWAY_PROJECT", PROJECT);
    command.envs(network());
    command.env("SLIPWAY_DEPLOYMENT", DEPLOYMENT).env("SLIPWAY_TICKET", "one-time-ticket");
    command
        .env("AWS_SECRET_ACCESS_KEY", "not-for-builds")
        .current_dir(work)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Runs the builder to its end; its exit code.
pub fn run(api: &FakeApi) -> i32 {
    let work = tempfile::tempdir().unwrap();
    let output = command(work.path(), api).output().unwrap();
    let code = output.status.code().unwrap();
    eprintln!("{}{}", String::from_utf8_lossy(&output.stderr), api.log_text());
    code
}

fn paths(api: &FakeApi) -> BTreeSet<String> {
    api.recorded.lock().unwrap().entries.iter().map(|entry| entry.path.to_string()).collect()
}

fn failed(job: Job) -> (FailureCode, String) {
    let api = FakeApi::start(Some(job));
    assert_eq!(run(&api), 1);
    let recorded = api.recorded.lock().unwrap();
    assert!(recorded.committed.is_none());
    let failure = recorded.failure.as_ref().expect("it is reported");
    (failure.code, failure.message.clone())
}

#[test]
fn a_directory_of_plain_files_is_deployed_as_it_is() {
    let git = GitServer::start();
    let page = "<p>hello</p>\n".repeat(300);
    let commit =
        git.commit("site", &[("index.html", &page), ("docs/a.html", "a"), (".secret", "x"), ("logo.png", "png")]);
    let api = FakeApi::start(Some(job(&git.url("site"), &commit)));
    assert_eq!(run(&api), 0);
    assert_eq!(paths(&api), ["docs/a.html", "index.html", "logo.png"].map(str::to_owned).into());
    let recorded = api.recorded.lock().unwrap();
    let index = recorded.entries.iter().find(|entry| entry.path.as_str() == "index.html").unwrap();
    assert_eq!(&recorded.blobs[&index.file.sha256][..page.len()], page.as_bytes());
    assert!(index.file.brotli.is_some() && index.file.gzip.is_some());
    assert_eq!(index.file.content_type, "text/html; charset=utf-8");
    assert!(recorded.log.iter().any(|line| line.text.starts_with("clone: ")));
    assert!(recorded.log.last().is_some_and(|line| line.text.starts_with("upload: ")));
}

#[test]
fn a_package_is_installed_and_built_with_the_jobs_variables_and_nothing_else() {
    let git = GitServer::start();
    let build = "mkdir dist && env > dist/env.txt && echo \\\"$GREETING\\\" > dist/index.html";
    let package = format!(r#"{{"name":"x","version":"1.0.0","scripts":{{"build":"{build}"}}}}"#);
    let lock = r#"{"name":"x","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"x","version":"1.0.0"}}}"#;
    let commit = git.commit("app", &[("web/package.json", &package), ("web/package-lock.json", lock)]);
    let mut job = job(&git.url("app"), &commit);
    job.variables.insert("GREETING".to_owned(), "hello".to_owned());
    job.settings.root_directory = Some("web".parse::<FilePath>().unwrap());
    let api = FakeApi::start(Some(job));
    assert_eq!(run(&api), 0);
    let recorded = api.recorded.lock().unwrap();
    let bytes = |name: &str| {
        let file = &recorded.entries.iter().find(|entry| entry.path.as_str() == name).unwrap().file;
        let plain = file.plain_size().unwrap() as usize;
        String::from_utf8(recorded.blobs[&file.sha256][..plain].to_vec()).unwrap()
    };
    assert_eq!(bytes("index.html"), "hello\n");
    let environment = bytes("env.txt");
    assert!(environment.contains("CI=1") && environment.contains("SLIPWAY=1"), "{environment}");
    for secret in ["not-for-builds", "one-time-ticket", "slb_", "SLIPWAY_API_URL"] {
        assert!(!environment.contains(secret), "{environment}");
    }
}

#[test]
fn failures_are_reported_with_a_code_and_the_commands_own_words() {
    let git = GitServer::start();
    let with = |name: &str, build: &str, timeout: u64| {
        let package = format!(r#"{{"scripts":{{"build":"{build}"}}}}"#);
        let commit = git.commit(name, &[("package.json", &package)]);
        let mut job = job(&git.url(name), &commit);
        job.settings.install_command = Some(String::new());
        job.timeout_seconds = timeout;
        failed(job)
    };
    let (code, message) = with("fails", "echo it is broken >&2; exit 3", 60);
    assert_eq!(code, FailureCode::BuildFailed);
    assert!(message.contains("exited with 3") && message.contains("it is broken"), "{message}");

    let (code, message) = with("endless", "sleep 600", 3);
    assert_eq!(code, FailureCode::TimedOut);
    assert!(message.contains("longer than the 3 seconds"), "{message}");

    let (code, message) = with("nothing", "true", 60);
    assert_eq!(code, FailureCode::OutputMissing);
    assert!(message.contains("set the project's output directory"), "{message}");

    let (code, message) =
        with("escape", "mkdir dist && ln -s /proc/self/environ dist/a.txt && touch dist/index.html", 60);
    assert_eq!(code, FailureCode::OutputRefused);
    assert!(message.contains("a.txt (a link that leaves the output directory)"), "{message}");

    let (code, message) = with("heap", "echo FATAL ERROR: JavaScript heap out of memory >&2; exit 134", 60);
    assert_eq!(code, FailureCode::OutOfMemory);
    assert!(message.contains("NODE_OPTIONS"), "{message}");
}

#[test]
fn a_flood_of_output_is_cut_in_the_middle_and_arrives_in_order() {
    let git = GitServer::start();
    let build = "seq -f 'line %010.0f' 1 400000; mkdir dist; touch dist/index.html";
    let commit = git.commit("flood", &[("package.json", &format!(r#"{{"scripts":{{"build":"{build}"}}}}"#))]);
    let mut job = job(&git.url("flood"), &commit);
    job.settings.install_command = Some(String::new());
    let api = FakeApi::start(Some(job));
    let work = tempfile::tempdir().unwrap();
    assert_eq!(command(work.path(), &api).output().unwrap().status.code(), Some(0));
    let recorded = api.recorded.lock().unwrap();
    let lines: Vec<&str> = recorded.log.iter().map(|line| line.text.as_str()).collect();
    let printed: Vec<&&str> = lines.iter().filter(|line| line.starts_with("line ")).collect();
    assert_eq!((*printed[0], *printed[printed.len() - 1]), ("line 0000000001", "line 0000400000"));
    assert!(printed.is_sorted());
    assert!(lines.iter().any(|line| line.contains("are left out here")));
    assert!(
        lines.iter().any(|line| line.starts_with("clone: ")) && lines.iter().any(|line| line.starts_with("build: "))
    );
    assert!(lines.iter().map(|line| line.len()).sum::<usize>() < 4 * 1024 * 1024);
}

/// Another pid namespace stands for the task's container: the builder kills all of uid 1001 that it can see.
#[test]
fn in_a_task_of_its_own_the_uid_isolates_and_nothing_of_it_survives() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let git = GitServer::start();
    let build = "mkdir dist; id -u > dist/index.html; cat /proc/*/environ > dist/env.txt 2>/dev/null; \
                 cat /proc/1/environ $HOME/../spool 2>/dev/null >> dist/env.txt; \
                 (setsid sh -c 'trap : TERM; while :; do date +%N > dist/beat.txt; done' >/dev/null 2>&1 &); \
                 until test -s dist/beat.txt; do :; done";
    let package = serde_json::json!({ "scripts": { "build": build } }).to_string();
    let commit = git.commit("app", &[("package.json", &package)]);
    let mut job = job(&git.url("app"), &commit);
    job.settings.install_command = Some(String::new());
    let api = FakeApi::start(Some(job));

    let work = tempfile::tempdir().unwrap();
    std::fs::set_permissions(work.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let tools = work.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    for tool in ["git", "node", "npm", "npx"] {
        let found = path().split(':').map(|place| Path::new(place).join(tool)).find(|path| path.is_file()).unwrap();
        std::os::unix::fs::symlink(found, tools.join(tool)).unwrap();
    }
    // By its path: the builder's own PATH has no bubblewrap, as the image's kernel would refuse it.
    let mut container = Command::new("/usr/bin/bwrap");
    container.args(["--bind", "/", "/", "--dev", "/dev", "--unshare-pid", "--proc", "/proc", "--die-with-parent"]);
    container.args(["--cap-add", "ALL", "--"]).arg(env!("CARGO_BIN_EXE_builder")).current_dir(work.path());
    let inner = command(work.path(), &api);
    container.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    container
        .env("PATH", &tools)
        .env("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x")
        .stdin(Stdio::null());
    let container = container.output().unwrap();
    eprintln!("{}{}", String::from_utf8_lossy(&container.stderr), api.log_text());
    assert_eq!(container.status.code(), Some(0));
    let recorded = api.recorded.lock().unwrap();
    let text = |name: &str| {
        let file = &recorded.entries.iter().find(|entry| entry.path.as_str() == name).unwrap().file;
        String::from_utf8_lossy(&recorded.blobs[&file.sha256]).into_owned()
    };
    assert_eq!(text("index.html"), "1001\n");
    assert!(text("env.txt").contains("SLIPWAY=1"));
    assert!(!text("env.txt").contains("one-time-ticket") && !text("env.txt").contains("not-for-builds"));
}
