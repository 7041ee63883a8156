//! Fetching one commit, from a server that may be hostile, of a repository that may be hostile.
//!
//! Git runs in the jail like everything else, with no configuration but this: one protocol, no redirect, no hook, no
//! helper, no submodule, no filter. The address is rebuilt from its parsed parts, and `--` ends the options before it.

use std::collections::BTreeMap;
use std::time::Instant;

use domain::Commit;
use domain::deployment::{Failure, FailureCode};
use domain::log::Stage;
use domain::upload::Job;

use crate::jail::{Ended, Jail, Step};
use crate::log::Log;

const OPTIONS: [&str; 16] = [
    "advice.detachedHead=false",
    "core.askPass=/bin/false",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.symlinks=true",
    "credential.helper=",
    "fetch.recurseSubmodules=false",
    "filter.lfs.process=",
    "filter.lfs.required=false",
    "filter.lfs.smudge=",
    "gc.auto=0",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "maintenance.auto=false",
    "submodule.recurse=false",
];

/// Puts the job's commit into the jail's checkout.
pub fn clone(jail: &Jail, log: &Log, job: &Job, deadline: Instant) -> Result<(), Failure> {
    let url = job.repository.clone_address();
    let protocol = match (job.repository.is_loopback(), job.allow_loopback) {
        (false, _) => "https",
        (true, true) => "http",
        (true, false) => {
            return Err(failed(format!(
                "{url} is on the builder's own machine, which this installation does not allow; connect an https repository"
            )));
        }
    };
    log.say(Stage::Clone, format!("fetching {url} at {}", job.commit));
    let git = Git { jail, log, protocol, deadline };
    let commit = job.commit.as_str();
    let format = if commit.len() == 64 { "--object-format=sha256" } else { "--object-format=sha1" };
    git.must(&["init", "--quiet", "--template=", format, "."])?;
    let ended = git.run(&fetch(&url, commit))?;
    if !ended.is_success() {
        if !is_refused_by_name(&ended) {
            return Err(explain(&ended, &url));
        }
        log.say(Stage::Clone, format!("the server gives no single commits; fetching branch {}", job.branch));
        let ended = git.run(&fetch(&url, &format!("refs/heads/{}", job.branch)))?;
        if !ended.is_success() {
            return Err(explain(&ended, &url));
        }
        let head = git.name("FETCH_HEAD")?;
        if head != commit {
            return Err(failed(format!(
                "commit {commit} is no longer the head of {}, which is at {head}, and the server gives no older \
                 commits; deploy the newest commit instead",
                job.branch
            )));
        }
    }
    git.must(&["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"])?;
    verify(&git.name("HEAD")?, &job.commit)
}

fn fetch<'a>(url: &'a str, what: &'a str) -> [&'a str; 9] {
    let quiet = "--quiet";
    ["fetch", quiet, "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance", "--", url, what]
}

fn verify(head: &str, commit: &Commit) -> Result<(), Failure> {
    if head == commit.as_str() {
        return Ok(());
    }
    Err(failed(format!("the server sent commit {head} instead of {commit}; nothing of it was used")))
}

struct Git<'a> {
    jail: &'a Jail,
    log: &'a Log,
    protocol: &'static str,
    deadline: Instant,
}

impl Git<'_> {
    fn run(&self, arguments: &[&str]) -> Result<Ended, Failure> {
        self.start(arguments, Some(Stage::Clone))
    }

    fn must(&self, arguments: &[&str]) -> Result<(), Failure> {
        let ended = self.run(arguments)?;
        if ended.is_success() { Ok(()) } else { Err(explain(&ended, "the checkout")) }
    }

    fn name(&self, of: &str) -> Result<String, Failure> {
        let ended = self.start(&["rev-parse", "--verify", of], None)?;
        ended.stdout.last(1).first().map(|name| (*name).to_owned()).ok_or_else(|| explain(&ended, "the checkout"))
    }

    fn start(&self, arguments: &[&str], stage: Option<Stage>) -> Result<Ended, Failure> {
        let mut command: Vec<String> = vec!["git".to_owned()];
        let protocols = ["protocol.allow=never".to_owned(), format!("protocol.{}.allow=always", self.protocol)];
        for option in OPTIONS.iter().map(|option| (*option).to_owned()).chain(protocols) {
            command.extend(["-c".to_owned(), option]);
        }
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let variables = [
            ("GIT_ALLOW_PROTOCOL", self.protocol),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_LFS_SKIP_SMUDGE", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
        ];
        let step = Step {
            command,
            directory: self.jail.checkout(),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            deadline: self.deadline,
            stage,
        };
        let ended = self.jail.run(&step, Some(self.log)).map_err(|error| failed(format!("cannot run git: {error}")))?;
        if ended.code.is_none() {
            return Err(Failure::new(
                FailureCode::TimedOut,
                "fetching the repository took longer than the build may take",
            ));
        }
        Ok(ended)
    }
}

/// Whether a server does not give a commit that no branch names, as some do.
fn is_refused_by_name(ended: &Ended) -> bool {
    ["unadvertised object", "not our ref", "does not support", "couldn't find remote ref"]
        .iter()
        .any(|text| ended.said(text))
}

fn explain(ended: &Ended, url: &str) -> Failure {
    let said = ended.stderr.last(3).join(" ");
    let hint = [
        ("error: 30", "; the repository may have moved: connect it by its new address"),
        ("could not read Username", "; it does not exist or is private, and only public repositories can be cloned"),
        ("not found", "; check that the repository exists and is public"),
        ("Could not resolve host", "; check the repository's host name"),
    ];
    let hint = hint.iter().find(|(text, _)| said.contains(text)).map_or("", |(_, hint)| hint);
    failed(format!("git could not fetch {url}: {said}{hint}"))
}

fn failed(message: String) -> Failure {
    Failure::new(FailureCode::CloneFailed, message)
}
