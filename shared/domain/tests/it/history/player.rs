//! Plays a history the way the store does, and holds every single move against what a move may be.

use domain::deployment::Exit;
use domain::{Deployment, Environment, Outcome, Sha256, Signal, Status, Timestamp};

use super::generator::Delivery;
use crate::making::deployment;

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Step {
    /// The deployment's turn comes.
    Start,
    /// ECS has accepted the task of this attempt.
    Dispatched { attempt: u32 },
    /// Someone shows the ticket of this attempt and names a token.
    Register { ticket: u32, token: u8 },
    /// A signal arrives.
    Signal(Signal),
}

pub fn ticket(attempt: u32) -> String {
    format!("ticket of attempt {attempt}")
}

pub fn token(number: u8) -> Sha256 {
    Sha256::of(&[number])
}

/// The deployment after all of it.
pub fn play(history: &[Delivery]) -> Deployment {
    let mut now = deployment(1, Environment::Production);
    for delivery in history {
        let outcome = take(&now, delivery);
        if now.status.is_terminal() {
            assert_eq!(outcome, Outcome::Stale, "{now:#?} is over, yet {delivery:?}");
        }
        let Outcome::Moved(next) = outcome else { continue };
        check(&now, &next, delivery);
        now = match next.with_ticket(ticket(next.attempt), delivery.at) {
            Outcome::Moved(ticketed) => {
                check(&next, &ticketed, delivery);
                *ticketed
            }
            Outcome::Stale | Outcome::Early => *next,
        };
    }
    now
}

fn take(now: &Deployment, Delivery { at, step }: &Delivery) -> Outcome {
    match step {
        Step::Start => now.start(ticket(1), *at),
        Step::Dispatched { attempt } if now.attempt != *attempt => Outcome::Stale,
        Step::Dispatched { attempt } => now.dispatched(format!("task-{attempt}"), *at),
        Step::Register { ticket: of, token: number } => now.register(&ticket(*of), token(*number), *at),
        Step::Signal(signal) => now.apply(signal.clone(), *at),
    }
}

fn rank(status: &Status) -> u8 {
    match status {
        Status::Queued => 0,
        Status::Building => 1,
        Status::Releasing => 2,
        Status::Ready | Status::Failed { .. } | Status::Canceled { .. } => 3,
    }
}

fn check(before: &Deployment, after: &Deployment, delivery: &Delivery) {
    let Delivery { at, step } = delivery;
    assert_eq!(after.revision, before.revision + 1, "{step:?}");
    assert_eq!(after.updated_at, before.updated_at.max(*at));
    let lost = matches!(step, Step::Signal(Signal::TaskStopped(_, Exit::Lost { .. })));
    let next_attempt = lost && after.attempt == before.attempt + 1 && after.status == Status::Queued;
    assert!(rank(&after.status) >= rank(&before.status) || next_attempt, "{step:?}: {before:#?} became {after:#?}");
    let begins = matches!(step, Step::Start) && (before.attempt, after.attempt) == (0, 1);
    assert!(after.attempt == before.attempt || next_attempt || begins, "{step:?}");
    assert!(after.attempt <= Deployment::MOST_ATTEMPTS);
    if after.status.is_terminal() {
        assert_eq!((&after.ticket, after.deadline), (&None, None), "{step:?}");
    } else if after.attempt > 0 {
        assert!(after.deadline.is_some_and(|deadline| deadline > before.created_at), "{step:?}");
    }
    if before.token_sha256.is_some() && !next_attempt {
        assert_eq!(after.token_sha256, before.token_sha256, "{step:?}");
    }
    assert_eq!(decided(after), decided(before), "{step:?}");
}

/// What a trigger decided: nothing that happens later changes it.
fn decided(deployment: &Deployment) -> Deployment {
    let undecided = crate::making::deployment(1, Environment::Production);
    Deployment {
        status: Status::Queued,
        updated_at: Timestamp::from_millis(0),
        attempt: 0,
        deadline: None,
        task: None,
        ticket: None,
        token_sha256: None,
        revision: undecided.revision,
        ..deployment.clone()
    }
}
