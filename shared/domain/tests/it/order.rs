//! Who builds and who waits.

use std::collections::BTreeSet;

use domain::order::Turn;
use domain::{DeploymentId, Environment, Order};
use proptest::prelude::*;

use crate::making::{cases, deployment_id};

#[derive(Debug, Clone)]
enum Move {
    Enters(Environment),
    /// The one that runs ends.
    RunningLeaves,
    /// The one of this environment that waits ends.
    WaitingLeaves(Environment),
    /// Someone who has no place, or none any more, ends again.
    StrangerLeaves(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let environment = || prop_oneof![Just(Environment::Production), Just(Environment::Preview)];
    let one = prop_oneof![
        4 => environment().prop_map(Move::Enters),
        2 => Just(Move::RunningLeaves),
        1 => environment().prop_map(Move::WaitingLeaves),
        1 => (0_u64..20).prop_map(Move::StrangerLeaves),
    ];
    proptest::collection::vec(one, 0..40)
}

/// Everyone who ever came, and where they went.
#[derive(Default)]
struct Everyone {
    came: u64,
    ran: BTreeSet<DeploymentId>,
    superseded: BTreeSet<DeploymentId>,
    left_waiting: BTreeSet<DeploymentId>,
}

impl Everyone {
    fn enters(&mut self, order: &Order, environment: Environment) -> Order {
        self.came += 1;
        let id = deployment_id(self.came);
        let (next, turn) = order.enter(id, environment);
        assert_eq!(next.newest, self.came, "ordinals have no gaps");
        match turn {
            Turn::Starts => {
                assert_eq!(order.running, None, "nobody else runs");
                assert_eq!(next.running, Some(id));
                assert!(self.ran.insert(id));
            }
            Turn::Waits { instead_of } => {
                assert_eq!((next.running, waiting(&next, environment)), (order.running, Some(id)), "the newest waits");
                assert_eq!(instead_of, waiting(order, environment));
                assert_eq!(waiting(&next, other(environment)), waiting(order, other(environment)));
                assert!(instead_of.is_none_or(|older| self.superseded.insert(older)), "nobody is superseded twice");
            }
        }
        next
    }

    fn leaves(&mut self, order: &Order, id: DeploymentId) -> Order {
        let Some((next, started)) = order.leave(id) else {
            let places = [order.running, order.waiting, order.waiting_preview];
            assert!(!places.contains(&Some(id)), "who has a place can leave it");
            return order.clone();
        };
        assert_eq!(next.newest, order.newest);
        if order.running == Some(id) {
            assert_eq!((next.running, started), (order.waiting.or(order.waiting_preview), next.running));
            let preview = order.waiting_preview.filter(|_| order.waiting.is_some());
            assert_eq!((next.waiting, next.waiting_preview), (None, preview), "production comes first");
            assert!(started.is_none_or(|next| self.ran.insert(next)), "nobody runs twice");
        } else {
            assert_eq!((next.running, started), (order.running, None));
            let stays = |place: Option<DeploymentId>| place.filter(|waits| *waits != id);
            assert_eq!((next.waiting, next.waiting_preview), (stays(order.waiting), stays(order.waiting_preview)));
            assert!(self.left_waiting.insert(id));
        }
        next
    }
}

fn waiting(order: &Order, environment: Environment) -> Option<DeploymentId> {
    match environment {
        Environment::Production => order.waiting,
        Environment::Preview => order.waiting_preview,
    }
}

fn other(environment: Environment) -> Environment {
    match environment {
        Environment::Production => Environment::Preview,
        Environment::Preview => Environment::Production,
    }
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn one_runs_the_newest_waits_and_nobody_is_lost(moves in moves()) {
        let mut order = Order::default();
        let mut everyone = Everyone::default();
        for step in moves {
            let revision = order.revision;
            let next = match step {
                Move::Enters(environment) => everyone.enters(&order, environment),
                Move::RunningLeaves => order.running.map_or(order.clone(), |id| everyone.leaves(&order, id)),
                Move::WaitingLeaves(environment) => {
                    waiting(&order, environment).map_or(order.clone(), |id| everyone.leaves(&order, id))
                }
                Move::StrangerLeaves(number) => everyone.leaves(&order, deployment_id(number)),
            };
            prop_assert_eq!(next.revision, revision + u64::from(next != order), "one revision per change");
            let waits = next.waiting.is_some() || next.waiting_preview.is_some();
            prop_assert!(!waits || next.running.is_some(), "nobody waits for nobody");
            prop_assert!(next.running.is_none() || (next.running != next.waiting && next.running != next.waiting_preview));
            order = next;
        }
        let accounted = everyone.ran.len() + everyone.superseded.len() + everyone.left_waiting.len();
        let waits = usize::from(order.waiting.is_some()) + usize::from(order.waiting_preview.is_some());
        prop_assert_eq!(accounted + waits, everyone.came as usize);
        prop_assert!(everyone.ran.is_disjoint(&everyone.superseded));
    }
}
