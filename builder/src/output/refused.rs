//! Names that are not served, gathered so that one message tells about all of them.

use domain::deployment::{Failure, FailureCode};

/// How many are named; a directory of ten thousand links makes one message, not ten thousand.
const NAMED: usize = 10;

#[derive(Debug, Default)]
pub(super) struct Refused {
    names: Vec<String>,
    count: usize,
}

impl Refused {
    pub(super) fn add(&mut self, path: &str, why: &str) {
        self.count += 1;
        if self.names.len() < NAMED {
            self.names.push(format!("{path} ({why})"));
        }
    }

    pub(super) fn into_result(self) -> Result<(), Failure> {
        if self.count == 0 {
            return Ok(());
        }
        let more = self.count - self.names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message =
            format!("the output holds what cannot be served: {}{more}; remove or replace it", self.names.join(", "));
        Err(Failure::new(FailureCode::OutputRefused, message))
    }
}
