//! Who builds and who waits.

use std::collections::BTreeSet;

use domain::order::Turn;
use domain::{DeploymentId, Order};
use proptest::prelude::*;

use crate::making::{cases, deployment_id};

#[derive(Debug, Clone)]
enum Move {
    Enters,
    /// The one that runs ends.
    RunningLeaves,
    /// The one that waits ends.
    WaitingLeaves,
    /// Someone who has no place, or none any more, ends again.
    StrangerLeaves(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => Just(Move::Enters),
        2 => Just(Move::RunningLeaves),
        1 => Just(Move::WaitingLeaves),
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
    fn enters(&mut self, order: &Order) -> Order {
        self.came += 1;
        let id = deployment_id(self.came);
        let (next, turn) = order.enter(id);
        assert_eq!(next.newest, self.came, "ordinals have no gaps");
        match turn {
            Turn::Starts => {
                assert_eq!(order.running, None, "nobody else runs");
                assert_eq!(next.running, Some(id));
                assert!(self.ran.insert(id));
            }
            Turn::Waits { instead_of } => {
                assert_eq!((next.running, next.waiting), (order.running, Some(id)), "the newest waits");
                assert_eq!(instead_of, order.waiting);
                assert!(instead_of.is_none_or(|older| self.superseded.insert(older)), "nobody is superseded twice");
            }
        }
        next
    }

    fn leaves(&mut self, order: &Order, id: DeploymentId) -> Order {
        let Some((next, started)) = order.leave(id) else {
            assert!(order.running != Some(id) && order.waiting != Some(id), "who has a place can leave it");
            return order.clone();
        };
        assert_eq!(next.newest, order.newest);
        if order.running == Some(id) {
            assert_eq!((next.running, next.waiting, started), (order.waiting, None, order.waiting));
            assert!(started.is_none_or(|next| self.ran.insert(next)), "nobody runs twice");
        } else {
            assert_eq!((next.running, next.waiting, started), (order.running, None, None));
            assert!(self.left_waiting.insert(id));
        }
        next
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
                Move::Enters => everyone.enters(&order),
                Move::RunningLeaves => order.running.map_or(order.clone(), |id| everyone.leaves(&order, id)),
                Move::WaitingLeaves => order.waiting.map_or(order.clone(), |id| everyone.leaves(&order, id)),
                Move::StrangerLeaves(number) => everyone.leaves(&order, deployment_id(number)),
            };
            prop_assert_eq!(next.revision, revision + u64::from(next != order), "one revision per change");
            prop_assert!(next.waiting.is_none() || next.running.is_some(), "nobody waits for nobody");
            prop_assert!(next.running.is_none() || next.running != next.waiting);
            order = next;
        }
        let accounted = everyone.ran.len() + everyone.superseded.len() + everyone.left_waiting.len();
        let waits = usize::from(order.waiting.is_some());
        prop_assert_eq!(accounted + waits, everyone.came as usize);
        prop_assert!(everyone.ran.is_disjoint(&everyone.superseded));
    }
}
