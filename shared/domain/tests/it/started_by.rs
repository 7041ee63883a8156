//! The one text by which a task's events find their deployment.

use domain::{Deployment, DeploymentId, Environment, ProjectId, Timestamp};
use proptest::prelude::*;

use crate::making::{cases, deployment};

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn what_starts_a_task_is_read_back_from_it(
        project in any::<(u32, u128)>(), id in any::<(u32, u128)>(), attempt in 1_u32..,
    ) {
        let at = |seconds: u32| Timestamp::from_millis(1_000 * i64::from(seconds));
        let (project, id) = (ProjectId::new(at(project.0), project.1), DeploymentId::new(at(id.0), id.1));
        let deployment = Deployment { project, id, attempt, ..deployment(1, Environment::Preview) };
        let text = deployment.started_by();
        prop_assert_eq!(Deployment::parse_started_by(&text), Some((project, id, attempt)));
        prop_assert!(text.len() <= 128, "the most that ECS takes");
    }

    #[test]
    fn nothing_else_is_read_as_a_build(text in any::<String>(), slashes in r"[0-9a-z/+\- ]{0,70}") {
        for text in [text, slashes] {
            prop_assert_eq!(Deployment::parse_started_by(&text), None);
        }
    }
}

#[test]
fn a_task_that_almost_names_a_build_is_none() {
    let deployment = Deployment { attempt: 1, ..deployment(1, Environment::Preview) };
    let text = deployment.started_by();
    let names = text.strip_suffix("/1").unwrap();
    for end in ["", "/", "/0", "/01", "/+1", "/-1", "/1/", "/1/1", "/4294967296", "/ 1"] {
        assert_eq!(Deployment::parse_started_by(&format!("{names}{end}")), None, "{end:?}");
    }
    assert_eq!(Deployment::parse_started_by(&text.to_uppercase()), None);
}
