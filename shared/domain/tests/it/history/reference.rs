//! What a history comes to, said without a state that steps change: each attempt is a stretch of the history, and the
//! first ending within it, if any, is the end. Only the events that are newer than all before them in their stretch
//! count.

use std::time::Duration;

use domain::deployment::{Exit, FailureCode, TaskEvent};
use domain::{Deployment, Sha256, Signal, Status, Timestamp};

use super::generator::Delivery;
use super::player::{Step, token};

/// What can be seen of a deployment.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    state: &'static str,
    superseded: bool,
    failure: Option<FailureCode>,
    attempt: u32,
    /// The newest version heard of the current attempt's task; 0 when ECS has accepted it and said no more.
    version: Option<u64>,
    token: Option<Sha256>,
    has_ticket: bool,
}

/// What the rules made of it.
pub fn of(deployment: &Deployment) -> Seen {
    Seen {
        state: deployment.status.name(),
        superseded: deployment.status == Status::Canceled { superseded: true },
        failure: match &deployment.status {
            Status::Failed { failure } => Some(failure.code),
            _ => None,
        },
        attempt: deployment.attempt,
        version: deployment.task.as_ref().map(|task| task.version),
        token: deployment.token_sha256,
        has_ticket: deployment.ticket.is_some(),
    }
}

/// One attempt: what arrived from its beginning on, until the next attempt's.
struct Stretch<'a> {
    attempt: u32,
    began: Timestamp,
    history: &'a [Delivery],
}

/// What the history comes to.
pub fn expected(history: &[Delivery]) -> Seen {
    let mut stretch = Stretch { attempt: 0, began: Timestamp::from_millis(0), history };
    loop {
        let (end, over) = (stretch.end(), stretch.hands_over());
        match (end, over) {
            (Some(end), over) if over.is_none_or(|over| end < over) => return stretch.ended(end),
            (_, Some(over)) => {
                let (began, history) = (stretch.history[over].at, &stretch.history[over + 1..]);
                stretch = Stretch { attempt: stretch.attempt + 1, began, history };
            }
            (_, None) => return stretch.open(),
        }
    }
}

impl Stretch<'_> {
    /// The events of this attempt's task before a place.
    fn heard(&self, before: usize) -> impl Iterator<Item = &TaskEvent> {
        self.history[..before].iter().filter_map(task_event).filter(|event| event.attempt == self.attempt)
    }

    fn is_news(&self, at: usize) -> bool {
        task_event(&self.history[at]).is_some_and(|event| {
            event.attempt == self.attempt
                && self.attempt > 0
                && event.version > self.heard(at).map(|event| event.version).max().unwrap_or(0)
        })
    }

    fn loses_its_task(&self, at: usize) -> bool {
        let lost = matches!(&self.history[at].step, Step::Signal(Signal::TaskStopped(_, Exit::Lost { .. })));
        lost && self.attempt == 1 && self.is_news(at)
    }

    fn hands_over(&self) -> Option<usize> {
        let starts = |at: &usize| self.attempt == 0 && matches!(self.history[*at].step, Step::Start);
        (0..self.history.len()).find(|at| starts(at) || self.loses_its_task(*at))
    }

    fn end(&self) -> Option<usize> {
        (0..self.history.len()).find(|at| self.ends_at(*at))
    }

    fn ends_at(&self, at: usize) -> bool {
        let Delivery { at: now, step } = &self.history[at];
        let Step::Signal(signal) = step else { return false };
        match signal {
            Signal::Committed { attempt } | Signal::Failed { attempt, .. } => *attempt == self.attempt,
            Signal::Canceled => true,
            Signal::Superseded => self.attempt == 0,
            // 10 minutes to get a machine, 15 to build
            Signal::TimedOut => self.attempt > 0 && now.since(self.began) >= Duration::from_secs(25 * 60),
            Signal::TaskStopped(..) => self.is_news(at) && !self.loses_its_task(at),
            Signal::TaskStarted(_) => false,
        }
    }

    /// Whether its task or its builder said anything before a place.
    fn was_heard_of(&self, before: usize) -> bool {
        (0..before).any(|at| self.is_news(at)) || self.seen(before).token.is_some()
    }

    fn ended(&self, end: usize) -> Seen {
        let Step::Signal(signal) = &self.history[end].step else { unreachable!("only signals end a deployment") };
        let (state, failure) = match signal {
            Signal::Committed { .. } => ("ready", None),
            Signal::Canceled | Signal::Superseded => ("canceled", None),
            Signal::Failed { failure, .. } => ("failed", Some(failure.code)),
            Signal::TimedOut if self.was_heard_of(end) => ("failed", Some(FailureCode::TimedOut)),
            Signal::TimedOut => ("failed", Some(FailureCode::TaskLost)),
            Signal::TaskStopped(_, exit) => ("failed", Some(code(exit))),
            Signal::TaskStarted(_) => unreachable!("a start ends nothing"),
        };
        let superseded = *signal == Signal::Superseded;
        // The news that ended it is news it has heard.
        Seen { state, superseded, failure, has_ticket: false, ..self.seen(end + 1) }
    }

    fn open(&self) -> Seen {
        self.seen(self.history.len())
    }

    fn seen(&self, until: usize) -> Seen {
        let news = (0..until).filter(|at| self.is_news(*at)).filter_map(|at| task_event(&self.history[at]));
        let accepted = |delivery: &Delivery| matches!(delivery.step, Step::Dispatched { attempt } if attempt == self.attempt && attempt > 0);
        let accepted = self.history[..until].iter().any(accepted).then_some(0);
        let token = self.history[..until].iter().find_map(|delivery| match delivery.step {
            Step::Register { ticket, token: number } if ticket == self.attempt => Some(token(number)),
            _ => None,
        });
        let version = news.map(|event| event.version).chain(accepted).max();
        let state = if version > Some(0) { "building" } else { "queued" };
        let has_ticket = self.attempt > 0;
        Seen { state, superseded: false, failure: None, attempt: self.attempt, version, token, has_ticket }
    }
}

fn task_event(delivery: &Delivery) -> Option<&TaskEvent> {
    match &delivery.step {
        Step::Signal(Signal::TaskStarted(event) | Signal::TaskStopped(event, _)) => Some(event),
        _ => None,
    }
}

fn code(exit: &Exit) -> FailureCode {
    match exit {
        Exit::OutOfMemory | Exit::Code { code: 137 } => FailureCode::OutOfMemory,
        Exit::Code { .. } => FailureCode::BuilderExited,
        Exit::ImageUnavailable { .. } => FailureCode::ImageUnavailable,
        Exit::Lost { .. } => FailureCode::TaskLost,
    }
}
