//! Histories.

use domain::deployment::{Exit, Failure, FailureCode, TaskEvent};
use domain::{Signal, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::player::Step;
use crate::making::moment;

/// A step and when it arrives.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub at: Timestamp,
    pub step: Step,
}

/// What is done to a deployment, in its order, mixed with what ECS says, in none.
pub fn histories() -> impl Strategy<Value = Vec<Delivery>> {
    let steps = (commands(), vec((any::<u16>(), events()), 0..12));
    let places = vec(any::<u16>(), 16);
    let pauses = vec(0_u64..400, 40);
    (steps, places, pauses).prop_map(|((commands, events), mut places, pauses)| {
        places.sort_unstable();
        let mut placed: Vec<(u16, Step)> = places.into_iter().zip(commands).collect();
        placed.extend(events);
        placed.sort_by_key(|(place, _)| *place);
        let mut seconds = 0;
        let timed = placed.into_iter().zip(pauses).map(|((_, step), pause)| {
            seconds += pause;
            Delivery { at: moment(seconds), step }
        });
        timed.collect()
    })
}

/// Each may be missing: a command that was never given, or a process that died before it gave it.
fn commands() -> impl Strategy<Value = Vec<Step>> {
    let of = |step: Step| option::weighted(0.8, Just(step));
    let rare = |step: Step| option::weighted(0.15, Just(step));
    let superseded = || rare(Step::Signal(Signal::Superseded));
    let attempt = |attempt| {
        let register = |token| Step::Register { ticket: attempt, token };
        (of(Step::Dispatched { attempt }), of(register(1)), rare(register(2)), rare(register(1)))
    };
    let ending = prop_oneof![
        4 => Just(None),
        5 => (1_u32..=2).prop_map(|attempt| Some(Signal::Committed { attempt })),
        3 => (1_u32..=2).prop_map(|attempt| {
            Some(Signal::Failed { attempt, failure: Failure::new(FailureCode::BuildFailed, "exit 1") })
        }),
        1 => Just(Some(Signal::Canceled)),
        2 => Just(Some(Signal::TimedOut)),
    ];
    let timeouts = || rare(Step::Signal(Signal::TimedOut));
    (
        superseded(),
        option::weighted(0.95, Just(Step::Start)),
        superseded(),
        attempt(1),
        timeouts(),
        attempt(2),
        vec(ending, 2),
    )
        .prop_map(|(early, start, late, first, timeout, second, endings)| {
            let mut steps = vec![early, start, late];
            steps.extend([first.0, first.1, first.2, first.3, timeout, second.0, second.1, second.2, second.3]);
            steps.extend(endings.into_iter().map(|ending| ending.map(Step::Signal)));
            steps.into_iter().flatten().collect()
        })
}

/// Versions are few, so that duplicates and overtaken events are many. There is no third attempt, but an event may say so.
fn events() -> impl Strategy<Value = Step> {
    let exit = prop_oneof![
        3 => Just(Exit::Lost { detail: "Spot".into() }),
        1 => Just(Exit::Code { code: 0 }),
        1 => Just(Exit::Code { code: 1 }),
        1 => Just(Exit::Code { code: 137 }),
        1 => Just(Exit::OutOfMemory),
        1 => Just(Exit::ImageUnavailable { detail: "not found".into() }),
    ];
    let attempt = prop_oneof![6 => Just(1_u32), 4 => Just(2), 1 => Just(3)];
    (attempt, 0_u64..6, option::weighted(0.4, exit)).prop_map(|(attempt, version, exit)| {
        let event = TaskEvent { task: format!("task-{attempt}"), attempt, version };
        Step::Signal(match exit {
            None => Signal::TaskStarted(event),
            Some(exit) => Signal::TaskStopped(event, exit),
        })
    })
}
