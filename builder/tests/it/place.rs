//! A build's surroundings for one test.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use builder::config::Config;
use builder::jail::{Children, Jail, Step};
use domain::Timestamp;
use tempfile::TempDir;

pub const PROJECT: &str = "01jd0000000000000000000001";
pub const DEPLOYMENT: &str = "01jd0000000000000000000002";

pub fn config(work: &Path, api_url: &str) -> Config {
    Config {
        api_url: api_url.to_owned(),
        project: PROJECT.parse().unwrap(),
        deployment: DEPLOYMENT.parse().unwrap(),
        ticket: "one-time-ticket".to_owned(),
        network: BTreeMap::new(),
        path: path(),
        is_task: false,
        work: work.to_owned(),
        executable: env!("CARGO_BIN_EXE_builder").into(),
    }
}

pub struct Place {
    pub directory: TempDir,
    pub jail: Jail,
}

impl Place {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let work = directory.path().join("work");
        std::fs::create_dir(&work).unwrap();
        let jail = Jail::prepare(&config(&work, "http://127.0.0.1:9"), &Children::default()).unwrap();
        Self { directory, jail }
    }

    /// A step that runs this shell text.
    pub fn step(&self, text: &str) -> Step {
        Step {
            command: ["sh", "-c", text].map(str::to_owned).to_vec(),
            directory: self.jail.checkout(),
            variables: BTreeMap::new(),
            deadline: Instant::now() + Duration::from_secs(60),
            stage: None,
        }
    }

    /// Runs shell text in the jail; its lines of standard output.
    pub fn sh(&self, text: &str) -> Vec<String> {
        let ended = self.jail.run(&self.step(text), None).unwrap();
        ended.stdout.last(200).into_iter().map(str::to_owned).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test owns its clock")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis() as i64)
}

#[expect(clippy::disallowed_methods, reason = "the programs under test are found as the tester finds them")]
pub fn path() -> String {
    std::env::var("PATH").unwrap()
}

/// How the tester reaches registries.
#[expect(clippy::disallowed_methods, reason = "a proxy or a private certificate authority is the tester's")]
pub fn network() -> BTreeMap<String, String> {
    std::env::vars().filter(|(name, _)| builder::config::PASSED_ON.contains(&name.as_str())).collect()
}

/// Waits until something holds, at most 20 seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < until, "not within 20 s: {what}");
        std::thread::yield_now();
    }
}
