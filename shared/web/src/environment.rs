//! The environment, read once by `main.rs`.

use std::collections::HashMap;
use std::str::FromStr;

/// A variable that the function cannot do without.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} {problem}; template.yaml sets it for this function")]
pub struct Missing {
    name: String,
    problem: String,
}

/// The environment of this process, captured.
#[derive(Debug, Clone)]
pub struct Environment(HashMap<String, String>);

impl Environment {
    /// What the process was started with. Called by `main.rs` only.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment; main.rs hands it on")]
    pub fn capture() -> Self {
        Self(std::env::vars().collect())
    }

    /// These variables instead of the process's own.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().collect())
    }

    /// A variable's value; empty counts as absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable's value, which has to be there.
    pub fn required(&self, name: &str) -> Result<String, Missing> {
        self.optional(name)
            .map(str::to_owned)
            .ok_or_else(|| Missing { name: name.into(), problem: "is not set".into() })
    }

    /// A variable's value, parsed.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, Missing> {
        let value = self.required(name)?;
        value.parse().map_err(|_| Missing { name: name.into(), problem: format!("has the unusable value {value:?}") })
    }

    /// The content of the file that a variable names; `None` if the variable is not set.
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>, Missing> {
        let read = |path: &str| {
            std::fs::read(path).map_err(|error| Missing {
                name: name.into(),
                problem: format!("names {path}, which cannot be read ({error})"),
            })
        };
        self.optional(name).map(read).transpose()
    }

    /// A comma-separated list.
    pub fn list(&self, name: &str) -> Result<Vec<String>, Missing> {
        Ok(self.required(name)?.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
    }
}
