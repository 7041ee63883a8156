//! EventBridge event patterns.
//!
//! The rules are those of the EventBridge user guide, "Creating Amazon EventBridge event patterns": every named field
//! must match, a field matches if any of its matchers does, an array matches if any of its items does, and `exists`
//! looks at leaves only.

use serde_json::{Map, Value};

use super::matcher::Matcher;

/// A parsed pattern.
#[derive(Debug, Clone)]
pub struct Pattern(Fields);

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// A pattern or its inner part is not an object.
    #[error("an event pattern is a mapping of fields to lists of matchers, found {0}")]
    NotAnObject(String),
    /// A field has no list of matchers.
    #[error("the field `{0}` of an event pattern needs a list with at least one matcher")]
    NoMatchers(String),
    /// An operator that this platform does not know.
    #[error("the event pattern operator `{0}` is not supported")]
    UnknownOperator(String),
    /// An operator with an argument of the wrong shape.
    #[error("the event pattern operator `{0}` cannot take {1}")]
    BadArgument(String, String),
}

#[derive(Debug, Clone, Default)]
struct Fields {
    all: Vec<(String, Field)>,
    alternatives: Vec<Vec<Fields>>,
}

#[derive(Debug, Clone)]
enum Field {
    Leaf(Vec<Matcher>),
    Nested(Fields),
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// Malformed patterns and unknown operators.
    pub fn parse(pattern: &Value) -> Result<Self, PatternError> {
        fields(pattern).map(Self)
    }

    /// Whether an event matches.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

fn fields(pattern: &Value) -> Result<Fields, PatternError> {
    let object = pattern.as_object().ok_or_else(|| PatternError::NotAnObject(pattern.to_string()))?;
    let mut parsed = Fields::default();
    for (name, value) in object {
        if name == "$or" {
            let choices = value.as_array().filter(|choices| !choices.is_empty());
            let choices = choices.ok_or_else(|| PatternError::NoMatchers(name.clone()))?;
            parsed.alternatives.push(choices.iter().map(fields).collect::<Result<_, _>>()?);
            continue;
        }
        let field = match value {
            Value::Array(items) if !items.is_empty() => {
                Field::Leaf(items.iter().map(Matcher::parse).collect::<Result<_, _>>()?)
            }
            Value::Object(_) => Field::Nested(fields(value)?),
            _ => return Err(PatternError::NoMatchers(name.clone())),
        };
        parsed.all.push((name.clone(), field));
    }
    Ok(parsed)
}

impl Fields {
    fn matches(&self, event: Option<&Value>) -> bool {
        match event {
            Some(Value::Array(items)) => items.iter().any(|item| self.matches_object(item.as_object())),
            other => self.matches_object(other.and_then(Value::as_object)),
        }
    }

    fn matches_object(&self, object: Option<&Map<String, Value>>) -> bool {
        let value = |name: &str| object.and_then(|object| object.get(name));
        let all = self.all.iter().all(|(name, field)| match field {
            Field::Leaf(matchers) => matchers.iter().any(|matcher| matcher.matches(value(name))),
            Field::Nested(fields) => fields.matches(value(name)),
        });
        all && self.alternatives.iter().all(|choices| choices.iter().any(|choice| choice.matches_object(object)))
    }
}

#[cfg(test)]
mod tests;
