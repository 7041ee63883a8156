//! A build from its first call to its last.

mod commands;

use std::time::{Duration, Instant};

use domain::Timestamp;
use domain::deployment::{Failure, FailureCode};
use domain::log::Stage;
use domain::upload::{FailureReport, Job};

use crate::api::Api;
use crate::config::Config;
use crate::http::HttpError;
use crate::jail::{Children, Isolation, Jail};
use crate::log::{Log, Mask};
use crate::output::{Spool, locate, pack, walk, within};
use crate::plan::Plan;
use crate::{clone, token, upload};

/// Why there is no deployment.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The API could not be spoken to.
    #[error(transparent)]
    Api(#[from] HttpError),
    /// The build failed, and the API knows.
    #[error("the build failed: {0}")]
    Failed(String),
}

/// Builds and commits one deployment, or reports why not.
pub fn run(config: &Config, now: fn() -> Timestamp, children: &Children) -> Result<(), FlowError> {
    let (api, job) = Api::register(config, &token::generate())?;
    let secrets = job.secrets.iter().filter_map(|name| job.variables.get(name)).map(String::as_str);
    let (log, sending) = Log::start(now, Mask::of(secrets), {
        let api = api.clone();
        move |chunk| api.log(&chunk)
    });
    let result = build(config, &api, &job, &log, children);
    drop(log);
    // The log is complete before the deployment is: whoever sees `ready` or `failed` can read why.
    sending.finish();
    match result {
        Ok(packed) => match upload::commit(&api, packed) {
            Ok(()) => Ok(()),
            Err(failure) => report(&api, failure),
        },
        Err(failure) => report(&api, failure),
    }
}

fn report(api: &Api, Failure { code, message }: Failure) -> Result<(), FlowError> {
    api.failure(&FailureReport { code, message: message.clone() })?;
    Err(FlowError::Failed(message))
}

/// Everything but the commit; the answer is the number of files.
fn build(config: &Config, api: &Api, job: &Job, log: &Log, children: &Children) -> Result<usize, Failure> {
    let deadline = Instant::now() + Duration::from_secs(job.timeout_seconds);
    let jail = Jail::prepare(config, children).map_err(|error| {
        log.say(Stage::Clone, error.to_string());
        Failure::new(FailureCode::BuilderExited, error.to_string())
    })?;
    if jail.isolation() == Isolation::OwnContainer {
        log.say(Stage::Clone, "isolation: this task's own container, and another user for the repository's commands");
    }
    log.stage(Stage::Clone, || clone::clone(&jail, log, job, deadline))?;

    let root = job.settings.root_directory.as_ref().map_or(".", |root| root.as_str());
    let app = within(&jail.checkout(), root).map_err(|why| {
        let message = format!("the root directory {root} {why}; correct it in the project's settings");
        Failure::new(FailureCode::BuildFailed, message)
    })?;
    let plan =
        Plan::of(&app, &job.settings).map_err(|error| Failure::new(FailureCode::InstallFailed, error.to_string()))?;
    let commands = commands::Commands { jail: &jail, log, job, app: &app, deadline };
    if let Some(install) = &plan.install {
        log.stage(Stage::Install, || commands.install(install, plan.tool.as_ref()))?;
    }
    if let Some(build) = &plan.build {
        log.stage(Stage::Build, || commands.build(build))?;
    }
    log.stage(Stage::Upload, || {
        let output = locate(&app, job.settings.output_directory.as_ref(), plan.build.is_some())?;
        let shown =
            output.directory.strip_prefix(&app).ok().and_then(|path| path.to_str()).filter(|path| !path.is_empty());
        log.say(Stage::Upload, format!("publishing {}", shown.unwrap_or("the root directory")));
        let found = walk(&output)?;
        let spool = Spool::create(&config.work).map_err(|error| {
            Failure::new(FailureCode::UploadFailed, format!("the builder has no room for compressed files: {error}"))
        })?;
        let packed = pack(&found, &spool)?;
        let uploaded = upload::upload(api, &packed)?;
        let kilobytes = uploaded.bytes as f64 / 1e3;
        log.say(Stage::Upload, format!("{} files, {} new ({kilobytes:.1} kB sent)", uploaded.files, uploaded.sent));
        Ok(uploaded.files)
    })
}
