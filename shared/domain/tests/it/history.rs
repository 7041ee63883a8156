//! The life of a deployment: ten thousand histories, each held against a reference written apart from the rules.
//!
//! What people, the builder and Slipway itself do keeps its causal order. What ECS says of a task arrives in any order,
//! repeated, or not at all.

mod generator;
mod player;
mod reference;

use domain::deployment::{Exit, TaskEvent};
use domain::{Environment, Outcome, Signal, Status};
use proptest::prelude::*;

use crate::making::{cases, deployment, moment};
use generator::{Delivery, histories};
use player::{Step, play};
use reference::expected;

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn every_history_ends_in_the_state_that_the_reference_says(history in histories()) {
        let end = play(&history);
        prop_assert_eq!(reference::of(&end), expected(&history), "{:#?}", history);
    }
}

fn event(attempt: u32, version: u64) -> TaskEvent {
    TaskEvent { task: format!("task-{attempt}"), attempt, version }
}

fn lost() -> Exit {
    Exit::Lost { detail: "Spot".into() }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// Nothing is dropped here, and what comes too early is delivered again, as Lambda does it.
    #[test]
    fn the_order_of_events_does_not_matter_once_all_have_arrived(
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(), again in proptest::collection::vec(0..6_usize, 0..6),
    ) {
        let told = [
            Signal::TaskStarted(event(1, 2)),
            Signal::TaskStarted(event(1, 3)),
            Signal::TaskStopped(event(1, 6), lost()),
            Signal::TaskStarted(event(2, 2)),
            Signal::TaskStarted(event(2, 3)),
            Signal::TaskStopped(event(2, 6), Exit::Code { code: 2 }),
        ];
        let mut history = vec![Delivery { at: moment(1), step: Step::Start }];
        // Three rounds are enough: each repeats what was early in the one before.
        let rounds = order.iter().chain(&again).chain(&order).chain(&order);
        history.extend(rounds.map(|told_at| Delivery { at: moment(2), step: Step::Signal(told[*told_at].clone()) }));
        let end = play(&history);
        prop_assert_eq!((end.status.name(), end.attempt), ("failed", 2));
        prop_assert_eq!(end.task.map(|task| task.version), Some(6));
    }
}

#[test]
fn an_event_of_an_attempt_that_is_not_recorded_yet_waits() {
    let queued = deployment(1, Environment::Production);
    assert_eq!(queued.apply(Signal::TaskStarted(event(1, 3)), moment(1)), Outcome::Early);
    assert_eq!(queued.apply(Signal::TimedOut, moment(9_999)), Outcome::Early, "it has no deadline while it waits");
}

#[test]
fn the_ticket_of_a_lost_attempt_does_not_open_the_next() {
    let history =
        [Step::Start, Step::Signal(Signal::TaskStopped(event(1, 3), lost())), Step::Register { ticket: 1, token: 1 }];
    let history: Vec<_> = history.into_iter().map(|step| Delivery { at: moment(1), step }).collect();
    let end = play(&history);
    assert_eq!((end.status, end.attempt, end.token_sha256), (Status::Queued, 2, None));
    assert_eq!(end.ticket.as_deref(), Some("ticket of attempt 2"));
}

#[test]
fn a_releasing_deployment_does_not_go_back_to_building() {
    let releasing =
        domain::Deployment { status: Status::Releasing, attempt: 1, ..deployment(1, Environment::Production) };
    assert_eq!(releasing.apply(Signal::TaskStarted(event(1, 3)), moment(1)), Outcome::Stale);
}

#[test]
fn an_attempt_is_given_up_at_its_deadline_and_not_a_millisecond_sooner() {
    let Outcome::Moved(begun) = deployment(1, Environment::Production).start("ticket".into(), moment(1)) else {
        panic!("it waited for its turn")
    };
    let deadline = begun.deadline.unwrap();
    assert_eq!(deadline, moment(1 + 25 * 60));
    let before = domain::Timestamp::from_millis(deadline.millis() - 1);
    assert_eq!(begun.apply(Signal::TimedOut, before), Outcome::Early);
    assert!(matches!(begun.apply(Signal::TimedOut, deadline), Outcome::Moved(_)));
}
