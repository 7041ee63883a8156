//! One matcher of an event pattern.

use serde_json::Value;

use super::pattern::PatternError;

/// A matcher on a leaf.
#[derive(Debug, Clone, PartialEq)]
pub enum Matcher {
    /// The same JSON value; numbers by their spelling, as EventBridge does (300 is not 300.0).
    Exact(Value),
    /// A text matcher.
    Text(Text),
    /// A leaf whose value does not match.
    AnythingBut(AnythingBut),
    /// Whether the leaf is there.
    Exists(bool),
    /// All comparisons hold.
    Numeric(Vec<(Comparison, f64)>),
}

/// What `anything-but` excludes.
#[derive(Debug, Clone, PartialEq)]
pub enum AnythingBut {
    /// These values.
    Values(Vec<Value>),
    /// Texts that match one of these.
    Texts(Vec<Text>),
}

/// A matcher on text.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    /// Starts so; `true` ignores case.
    Prefix(String, bool),
    /// Ends so; `true` ignores case.
    Suffix(String, bool),
    /// Equal but for case.
    EqualsIgnoreCase(String),
    /// `*` stands for any characters; `\*` and `\\` for themselves. The parts between the stars.
    Wildcard(Vec<String>),
}

/// How `numeric` compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Matcher {
    /// Parses one item of a field's list.
    ///
    /// # Errors
    /// Unknown operators and wrong arguments.
    pub fn parse(value: &Value) -> Result<Self, PatternError> {
        let object = match value {
            Value::Object(object) => object,
            Value::Array(_) => return Err(PatternError::NoMatchers(value.to_string())),
            scalar => return Ok(Self::Exact(scalar.clone())),
        };
        let mut operators = object.iter();
        let (Some((operator, argument)), None) = (operators.next(), operators.next()) else {
            return Err(PatternError::UnknownOperator(value.to_string()));
        };
        let bad = || PatternError::BadArgument(operator.clone(), argument.to_string());
        match operator.as_str() {
            "exists" => argument.as_bool().map(Self::Exists).ok_or_else(bad),
            "numeric" => numeric(argument).map(Self::Numeric).ok_or_else(bad),
            "anything-but" => anything_but(argument).map(Self::AnythingBut),
            _ => Text::parse(operator, argument).map(Self::Text),
        }
    }

    /// Whether a field's value (or its absence) matches.
    pub fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), Some(Value::Array(items))) => *wanted != items.is_empty(),
            (Self::Exists(wanted), value) => *wanted == value.is_some_and(|value| !value.is_object()),
            (_, None | Some(Value::Object(_))) => false,
            (_, Some(Value::Array(items))) => items.iter().any(|item| self.matches(Some(item))),
            (Self::Exact(wanted), Some(value)) => same(wanted, value),
            (Self::Text(text), Some(value)) => value.as_str().is_some_and(|value| text.matches(value)),
            (Self::AnythingBut(AnythingBut::Values(values)), Some(value)) => {
                !values.iter().any(|other| same(other, value))
            }
            (Self::AnythingBut(AnythingBut::Texts(texts)), Some(value)) => {
                value.as_str().is_some_and(|value| !texts.iter().any(|text| text.matches(value)))
            }
            (Self::Numeric(bounds), Some(value)) => {
                value.as_f64().is_some_and(|value| bounds.iter().all(|(how, bound)| how.holds(value, *bound)))
            }
        }
    }
}

impl Text {
    fn parse(operator: &str, argument: &Value) -> Result<Self, PatternError> {
        let bad = || PatternError::BadArgument(operator.to_owned(), argument.to_string());
        let text = || argument.as_str().map(str::to_owned).ok_or_else(bad);
        let cased = || match argument.get("equals-ignore-case") {
            Some(inner) => inner.as_str().map(|inner| (inner.to_lowercase(), true)).ok_or_else(bad),
            None => text().map(|text| (text, false)),
        };
        Ok(match operator {
            "prefix" => cased().map(|(text, ignore)| Self::Prefix(text, ignore))?,
            "suffix" => cased().map(|(text, ignore)| Self::Suffix(text, ignore))?,
            "equals-ignore-case" => Self::EqualsIgnoreCase(text()?.to_lowercase()),
            "wildcard" => Self::Wildcard(wildcard(&text()?)),
            other => return Err(PatternError::UnknownOperator(other.to_owned())),
        })
    }

    fn matches(&self, value: &str) -> bool {
        match self {
            Self::Prefix(prefix, true) => value.to_lowercase().starts_with(prefix),
            Self::Prefix(prefix, false) => value.starts_with(prefix),
            Self::Suffix(suffix, true) => value.to_lowercase().ends_with(suffix),
            Self::Suffix(suffix, false) => value.ends_with(suffix),
            Self::EqualsIgnoreCase(wanted) => value.to_lowercase() == *wanted,
            Self::Wildcard(parts) => matches_parts(parts, value),
        }
    }
}

fn wildcard(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '*' => {
                parts.push(String::new());
                continue;
            }
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(last) = parts.last_mut() {
            last.push(literal);
        }
    }
    parts
}

fn matches_parts(parts: &[String], value: &str) -> bool {
    let Some((first, rest)) = parts.split_first() else { return value.is_empty() };
    let Some((last, middle)) = rest.split_last() else { return first == value };
    let Some(mut value) = value.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match value.find(part.as_str()) {
            Some(at) => value = &value[at + part.len()..],
            None => return false,
        }
    }
    value.ends_with(last.as_str())
}

fn same(wanted: &Value, value: &Value) -> bool {
    match (wanted, value) {
        (Value::Number(wanted), Value::Number(value)) => wanted.to_string() == value.to_string(),
        _ => wanted == value,
    }
}

fn numeric(argument: &Value) -> Option<Vec<(Comparison, f64)>> {
    let items = argument.as_array().filter(|items| !items.is_empty() && items.len() % 2 == 0)?;
    items
        .chunks(2)
        .map(|pair| {
            let comparison = match pair[0].as_str()? {
                "=" => Comparison::Equal,
                "<" => Comparison::Less,
                "<=" => Comparison::AtMost,
                ">" => Comparison::Greater,
                ">=" => Comparison::AtLeast,
                _ => return None,
            };
            Some((comparison, pair[1].as_f64()?))
        })
        .collect()
}

fn anything_but(argument: &Value) -> Result<AnythingBut, PatternError> {
    Ok(match argument {
        Value::Array(values) if !values.is_empty() => AnythingBut::Values(values.clone()),
        Value::Object(object) => {
            let mut texts = Vec::new();
            for (operator, argument) in object {
                let arguments = argument.as_array().cloned().unwrap_or_else(|| vec![argument.clone()]);
                for argument in &arguments {
                    texts.push(Text::parse(operator, argument)?);
                }
            }
            AnythingBut::Texts(texts)
        }
        Value::Array(_) | Value::Null => {
            return Err(PatternError::BadArgument("anything-but".to_owned(), argument.to_string()));
        }
        scalar => AnythingBut::Values(vec![scalar.clone()]),
    })
}

impl Comparison {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::Greater => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}
