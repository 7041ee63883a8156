//! What is live: automatic deploys, promote, roll back, unpin.

use domain::project::{Live, PromoteRefused};
use domain::{Deployment, Environment, Project, Status};
use proptest::prelude::*;

use crate::making::{cases, deployment, project};

fn ready(ordinal: u64, environment: Environment) -> Deployment {
    Deployment { status: Status::Ready, ..deployment(ordinal, environment) }
}

fn production(ordinal: u64) -> Deployment {
    ready(ordinal, Environment::Production)
}

fn live(project: &Project) -> Option<u64> {
    project.live.map(|live| live.ordinal)
}

#[derive(Debug, Clone)]
enum Change {
    Ready(u64, Environment),
    Promote(u64),
    RollBack,
    Unpin,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let environment = prop_oneof![3 => Just(Environment::Production), 1 => Just(Environment::Preview)];
    let one = prop_oneof![
        4 => (1_u64..12, environment).prop_map(|(ordinal, environment)| Change::Ready(ordinal, environment)),
        2 => (1_u64..12).prop_map(Change::Promote),
        1 => Just(Change::RollBack),
        1 => Just(Change::Unpin),
    ];
    proptest::collection::vec(one, 0..24)
}

fn automatic(before: &Project, deployment: &Deployment) -> Option<Project> {
    let after = before.after_ready(deployment);
    let may =
        deployment.environment == Environment::Production && !before.pinned && live(before) < Some(deployment.ordinal);
    assert_eq!(after.is_some(), may, "{before:#?}");
    if let Some(after) = &after {
        assert_eq!(after.live, Some(Live { deployment: deployment.id, ordinal: deployment.ordinal }));
        assert!(!after.pinned);
    }
    after
}

fn chosen(before: &Project, target: u64, after: Option<Project>) -> Option<Project> {
    match &after {
        None => assert_eq!(live(before), Some(target)),
        Some(after) => {
            assert_eq!(live(after), Some(target));
            assert_eq!(after.pinned, live(before) > Some(target), "going back pins, going forward unpins");
        }
    }
    after
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn the_pointer_keeps_its_rules(changes in changes()) {
        let mut now = project();
        for change in changes {
            let next = match change {
                Change::Ready(ordinal, environment) => automatic(&now, &ready(ordinal, environment)),
                Change::Promote(ordinal) => chosen(&now, ordinal, now.promote(&production(ordinal)).unwrap()),
                Change::RollBack if now.pinned => {
                    prop_assert_eq!(now.roll_back(), Ok(None), "repeated, it moves nothing");
                    None
                }
                Change::RollBack => match (now.roll_back(), now.previous) {
                    (Ok(next), Some(previous)) => chosen(&now, previous.ordinal, next),
                    (refused, None) => {
                        prop_assert_eq!(refused, Err(PromoteRefused::NothingBefore));
                        None
                    }
                    (Err(refused), Some(_)) => panic!("{refused}"),
                },
                Change::Unpin => {
                    let next = now.unpin();
                    prop_assert_eq!(next.is_some(), now.pinned);
                    prop_assert!(next.iter().all(|next| !next.pinned && next.live == now.live));
                    next
                }
            };
            let Some(next) = next else { continue };
            prop_assert_eq!(next.revision, now.revision + 1);
            prop_assert_eq!(next.edge_revision, now.edge_revision + u64::from(next.live != now.live));
            if next.live != now.live {
                prop_assert_eq!(next.previous, now.live);
                prop_assert!(next.edge_is_behind());
            }
            now = next;
        }
    }
}

#[test]
fn a_push_after_a_roll_back_does_not_undo_it_until_it_is_unpinned() {
    let project = project();
    let project = project.after_ready(&production(1)).unwrap();
    let project = project.after_ready(&production(2)).unwrap();
    let project = project.roll_back().unwrap().unwrap();
    assert_eq!((live(&project), project.pinned), (Some(1), true));
    assert_eq!(project.after_ready(&production(3)), None);
    let project = project.unpin().unwrap();
    assert_eq!(live(&project), Some(1), "unpinning moves nothing");
    assert_eq!(live(&project.after_ready(&production(4)).unwrap()), Some(4));
}

#[test]
fn only_what_is_ready_can_be_chosen() {
    for status in [Status::Queued, Status::Building, Status::Releasing, Status::Canceled { superseded: false }] {
        let unready = Deployment { status, ..production(1) };
        assert_eq!(project().promote(&unready), Err(PromoteRefused::NotReady));
    }
}

#[test]
fn a_slow_older_build_does_not_go_live_over_a_newer_one() {
    let project = project().after_ready(&production(5)).unwrap();
    assert_eq!(project.after_ready(&production(4)), None);
    assert_eq!(project.after_ready(&production(5)), None, "nor does the same one again");
}
