//! Values to test with.

use std::str::FromStr;

use domain::deployment::NewDeployment;
use domain::upload::BuildSettings;
use domain::{Deployment, DeploymentId, Environment, Project, ProjectId, Timestamp, UserId};
use proptest::test_runner::Config;

/// A moment, this many seconds into the tests' time.
pub fn moment(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_767_323_045_000 + 1_000 * seconds as i64)
}

/// What the text says, which the test knows to be valid.
pub fn valid<T: FromStr<Err = domain::text::Invalid>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

pub fn deployment_id(number: u64) -> DeploymentId {
    DeploymentId::new(moment(number), u128::from(number))
}

pub fn new_deployment(number: u64, environment: Environment) -> NewDeployment {
    NewDeployment {
        id: deployment_id(number),
        project: ProjectId::new(moment(0), 7),
        environment,
        repository: valid("https://github.com/owner/name"),
        branch: valid("main"),
        commit: valid(&format!("{:040x}", number + 1)),
        settings: BuildSettings::default(),
        build_revision: 0,
        created_by: UserId::new(moment(0), 8).into(),
    }
}

/// A queued deployment; its ordinal is its number.
pub fn deployment(number: u64, environment: Environment) -> Deployment {
    Deployment::queued(new_deployment(number, environment), number, moment(0))
}

pub fn project() -> Project {
    Project {
        id: ProjectId::new(moment(0), 7),
        slug: valid("my-site"),
        repository: valid("https://github.com/owner/name"),
        branch: valid("main"),
        settings: BuildSettings::default(),
        created_by: UserId::new(moment(0), 8),
        created_at: moment(0),
        live: None,
        previous: None,
        pinned: false,
        retired: Vec::new(),
        deleted_at: None,
        owners: 1,
        build_revision: 0,
        edge_revision: 1,
        synced_revision: 0,
        revision: 1,
    }
}

/// At least this many cases; `PROPTEST_CASES` asks for more. No file of old failures: each gets a test with a name.
pub fn cases(least: u32) -> Config {
    let config = Config::default();
    Config { cases: config.cases.max(least), failure_persistence: None, ..config }
}
