//! Environment variables that a project gives to its builds, per environment.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::{Invalid, serde_as_text};
use crate::{Environment, Error, Timestamp};

/// Most variables of one environment.
pub const MOST_VARIABLES: usize = 100;
/// Most bytes of a value: what a standard parameter of SSM holds.
pub const MOST_VALUE_BYTES: usize = 4_096;
/// Most bytes of the plain values of one environment together.
pub const MOST_BYTES: usize = 64 * 1024;
/// Fewest bytes of a secret: shorter ones cannot be hidden from a log without hiding half of it.
pub const LEAST_SECRET: usize = 8;

/// What the builder sets itself, or what decides how programs are loaded.
const RESERVED: [&str; 8] = ["PATH", "HOME", "USER", "SHELL", "PWD", "CI", "LD_PRELOAD", "LD_LIBRARY_PATH"];

/// The name of a variable: `API_URL`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariableName(String);

impl VariableName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for VariableName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let first = text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_');
        let rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !first || !rest || text.len() > 128 {
            return Err(Invalid::new(format!(
                "{text:?} is not the name of a variable; write 1 to 128 letters, digits and underscores, for example API_URL"
            )));
        }
        if RESERVED.contains(&text) || text.starts_with("SLIPWAY") {
            return Err(Invalid::new(format!("the variable {text} is set by the build itself; choose another name")));
        }
        Ok(Self(text.to_owned()))
    }
}

serde_as_text!(VariableName);

/// A variable as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its value, or where that is kept.
    #[serde(flatten)]
    pub value: Value,
    /// When it was set.
    pub updated_at: Timestamp,
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Shown to whoever may build.
    Plain(String),
    /// Never shown again. It is kept elsewhere, under a name of its own for each value that was ever set: so of two
    /// people who set or delete it at the same time, neither takes away what the other one has stored.
    Secret(String),
}

impl Variable {
    /// Its value, unless that is a secret.
    pub fn plain(&self) -> Option<&str> {
        match &self.value {
            Value::Plain(value) => Some(value),
            Value::Secret(_) => None,
        }
    }

    /// What a secret's value is kept under.
    pub fn kept_under(&self) -> Option<&str> {
        match &self.value {
            Value::Plain(_) => None,
            Value::Secret(id) => Some(id),
        }
    }
}

/// Variables of one environment.
pub type Named = BTreeMap<VariableName, Variable>;

/// All variables of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variables {
    /// For what goes live.
    #[serde(default)]
    pub production: Named,
    /// For everything else.
    #[serde(default)]
    pub preview: Named,
    /// Rises with every write.
    pub revision: u64,
}

impl Variables {
    /// Those of an environment.
    pub fn of(&self, environment: Environment) -> &Named {
        match environment {
            Environment::Production => &self.production,
            Environment::Preview => &self.preview,
        }
    }

    /// With this variable set. `LimitExceeded` when there would be too many, or too much of them.
    pub fn with(&self, environment: Environment, name: VariableName, variable: Variable) -> Result<Self, Error> {
        let next = self.changed(environment, |named| _ = named.insert(name, variable));
        let named = next.of(environment);
        let bytes: usize = named.values().filter_map(Variable::plain).map(str::len).sum();
        if named.len() > MOST_VARIABLES || bytes > MOST_BYTES {
            return Err(Error::LimitExceeded(format!(
                "an environment has at most {MOST_VARIABLES} variables, whose plain values have at most 64 kB together"
            )));
        }
        Ok(next)
    }

    /// Without this variable; `None` if there is none.
    pub fn without(&self, environment: Environment, name: &VariableName) -> Option<Self> {
        let there = self.of(environment).contains_key(name);
        there.then(|| self.changed(environment, |named| _ = named.remove(name)))
    }

    fn changed(&self, environment: Environment, change: impl FnOnce(&mut Named)) -> Self {
        let mut next = Self { revision: self.revision + 1, ..self.clone() };
        change(match environment {
            Environment::Production => &mut next.production,
            Environment::Preview => &mut next.preview,
        });
        next
    }
}

/// Whether a text can be a variable's value.
pub fn check_value(value: &str, secret: bool) -> Result<(), Error> {
    if value.len() > MOST_VALUE_BYTES {
        return Err(Error::LimitExceeded(format!("a variable's value has at most {MOST_VALUE_BYTES} bytes")));
    }
    if value.contains('\0') {
        return Err(Error::Invalid("a variable's value has no NUL character".into()));
    }
    if secret && value.trim().len() < LEAST_SECRET {
        return Err(Error::Invalid(format!(
            "a secret has at least {LEAST_SECRET} bytes, because a shorter one cannot be hidden from the log; store it as a plain variable"
        )));
    }
    Ok(())
}
