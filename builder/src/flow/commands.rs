//! The repository's own commands, and what their ends mean.

use std::path::Path;
use std::time::Instant;

use domain::deployment::{Failure, FailureCode};
use domain::log::Stage;
use domain::upload::Job;

use crate::jail::{Ended, Jail, Step};
use crate::log::Log;
use crate::plan::{Manager, Tool};

pub(super) struct Commands<'a> {
    pub(super) jail: &'a Jail,
    pub(super) log: &'a Log,
    pub(super) job: &'a Job,
    pub(super) app: &'a Path,
    pub(super) deadline: Instant,
}

impl Commands<'_> {
    /// Installs. When `npm ci` says that the lockfile does not fit, another npm is asked: versions 10 and 11 write
    /// optional and peer dependencies differently, and each calls some of the other's lockfiles incomplete.
    pub(super) fn install(&self, command: &[String], tool: Option<&Tool>) -> Result<(), Failure> {
        let ended = self.run(Stage::Install, command)?;
        if ended.is_success() {
            return Ok(());
        }
        if let Some(tool) =
            tool.filter(|tool| tool.manager == Manager::Npm && tool.version.is_none() && command == tool.install())
            && is_lockfile_refusal(&ended)
        {
            let other = self.other_npm()?;
            self.log.say(
                Stage::Install,
                format!("this npm calls package-lock.json incomplete, which npm {other} may not; trying npm {other}"),
            );
            let again = self.run(Stage::Install, &tool.at(other).install())?;
            if again.is_success() {
                return Ok(());
            }
            if is_lockfile_refusal(&again) {
                return Err(Failure::new(
                    FailureCode::InstallFailed,
                    "package-lock.json does not fit package.json: run `npm install` and commit package-lock.json",
                ));
            }
            return Err(self.explain(Stage::Install, &tool.at(other).install(), &again));
        }
        Err(self.explain(Stage::Install, command, &ended))
    }

    pub(super) fn build(&self, command: &[String]) -> Result<(), Failure> {
        let ended = self.run(Stage::Build, command)?;
        if ended.is_success() { Ok(()) } else { Err(self.explain(Stage::Build, command, &ended)) }
    }

    fn other_npm(&self) -> Result<&'static str, Failure> {
        let ended = self.start(&["npm", "--version"].map(str::to_owned), None)?;
        let is_10 = ended.stdout.last(1).first().is_some_and(|version| version.starts_with("10."));
        Ok(if is_10 { "11" } else { "10" })
    }

    fn run(&self, stage: Stage, command: &[String]) -> Result<Ended, Failure> {
        self.log.say(stage, format!("$ {}", command.join(" ")));
        self.start(command, Some(stage))
    }

    fn start(&self, command: &[String], stage: Option<Stage>) -> Result<Ended, Failure> {
        let step = Step {
            command: command.to_vec(),
            directory: self.app.to_owned(),
            variables: self.job.variables.clone(),
            deadline: self.deadline,
            stage,
        };
        let code = if stage == Some(Stage::Build) { FailureCode::BuildFailed } else { FailureCode::InstallFailed };
        let ended = self.jail.run(&step, Some(self.log));
        let ended =
            ended.map_err(|error| Failure::new(code, format!("`{}` could not be run: {error}", command.join(" "))))?;
        if ended.code.is_none() {
            let message = format!(
                "`{}` was stopped: the build took longer than the {} seconds it may take",
                command.join(" "),
                self.job.timeout_seconds
            );
            return Err(Failure::new(FailureCode::TimedOut, message));
        }
        Ok(ended)
    }

    fn explain(&self, stage: Stage, command: &[String], ended: &Ended) -> Failure {
        let command = command.join(" ");
        let code = ended.code.unwrap_or_default();
        if ended.said("heap out of memory") {
            let message = format!(
                "`{command}` ran out of Node's own memory limit; set the variable NODE_OPTIONS to --max-old-space-size=3072"
            );
            return Failure::new(FailureCode::OutOfMemory, message);
        }
        if code == 137 {
            let message = format!("`{command}` was killed, most likely for using more memory than the build has");
            return Failure::new(FailureCode::OutOfMemory, message);
        }
        // npm's last words on standard error are about its own log; the cause is before them or on standard output.
        let is_noise =
            |line: &&&str| line.contains("A complete log of this run") || line.contains("npm error Lifecycle script");
        let stream = if ended.stderr.last(1).is_empty() { &ended.stdout } else { &ended.stderr };
        let said: Vec<&str> = stream.last(5).iter().filter(|line| !is_noise(line)).copied().collect();
        let hint = if code == 127 { "; a program it calls is not installed: is it in package.json?" } else { "" };
        let failure = if stage == Stage::Build { FailureCode::BuildFailed } else { FailureCode::InstallFailed };
        Failure::new(failure, format!("`{command}` exited with {code}: {}{hint}", said.join(" | ")))
    }
}

fn is_lockfile_refusal(ended: &Ended) -> bool {
    ended.said("can only install packages when your package.json and package-lock.json") || ended.said("from lock file")
}
