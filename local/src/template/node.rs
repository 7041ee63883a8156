//! YAML with line numbers and CloudFormation tags kept.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::Problem;

/// One YAML value and the line it starts on (1-based).
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Line of the value in the template.
    pub line: usize,
    /// The value itself.
    pub kind: Kind,
}

/// A mapping key and the line it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Line of the key in the template.
    pub line: usize,
    /// The key.
    pub name: String,
}

/// The shapes a value can have.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with the text it was written as: `2.0` must stay `2.0` where a string is wanted.
    Number(serde_json::Number, String),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(Key, Node)>),
    /// An intrinsic function, short (`!Sub`) or long (`Fn::Sub`); the name is the short one.
    Call(String, Box<Node>),
}

impl Node {
    /// A node for a value that was computed for the given line.
    pub fn new(line: usize, kind: Kind) -> Self {
        Self { line, kind }
    }

    /// Text for the given line.
    pub fn text(line: usize, text: impl Into<String>) -> Self {
        Self::new(line, Kind::Text(text.into()))
    }

    /// Parses a whole document.
    ///
    /// # Errors
    /// Invalid YAML, duplicate keys, and aliases, which SAM templates do without.
    pub fn parse(source: &str) -> Result<Self, Problem> {
        let mut events = Parser::new_from_str(source);
        loop {
            match next(&mut events)? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                (Event::StreamEnd | Event::DocumentEnd, line) => {
                    return Err(Problem::new(line, "the document is empty"));
                }
                (event, line) => return build(event, line, &mut events),
            }
        }
    }

    /// The value under `name`, if this is a mapping that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The entries of a mapping.
    ///
    /// # Errors
    /// The value is something else.
    pub fn entries(&self) -> Result<&[(Key, Node)], Problem> {
        match &self.kind {
            Kind::Map(entries) => Ok(entries),
            _ => Err(Problem::new(self.line, format!("expected a mapping, found {}", self.kind.name()))),
        }
    }

    /// The items of a sequence.
    ///
    /// # Errors
    /// The value is something else.
    pub fn items(&self) -> Result<&[Node], Problem> {
        match &self.kind {
            Kind::List(items) => Ok(items),
            _ => Err(Problem::new(self.line, format!("expected a list, found {}", self.kind.name()))),
        }
    }

    /// The text of a scalar; numbers as they were written, booleans as `true` and `false`.
    ///
    /// # Errors
    /// The value is not a scalar.
    pub fn as_text(&self) -> Result<String, Problem> {
        match &self.kind {
            Kind::Text(text) | Kind::Number(_, text) => Ok(text.clone()),
            Kind::Bool(value) => Ok(value.to_string()),
            other => Err(Problem::new(self.line, format!("expected text, found {}", other.name()))),
        }
    }

    /// A whole, non-negative number; text that spells one counts (parameters are text).
    ///
    /// # Errors
    /// The value is something else.
    pub fn as_count(&self) -> Result<u64, Problem> {
        let text = self.as_text()?;
        text.parse().map_err(|_| Problem::new(self.line, format!("expected a whole number, found `{text}`")))
    }

    /// A truth value; the texts `true` and `false` count.
    ///
    /// # Errors
    /// The value is something else.
    pub fn as_bool(&self) -> Result<bool, Problem> {
        match self.as_text()?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(Problem::new(self.line, format!("expected true or false, found `{other}`"))),
        }
    }

    /// The value as JSON. Intrinsics must be resolved before.
    ///
    /// # Errors
    /// An intrinsic is left.
    pub fn to_json(&self) -> Result<serde_json::Value, Problem> {
        use serde_json::Value;
        Ok(match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value, _) => Value::Number(value.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect::<Result<_, _>>()?),
            Kind::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, value)| Ok((key.name.clone(), value.to_json()?)))
                    .collect::<Result<_, Problem>>()?,
            ),
            Kind::Call(name, _) => return Err(Problem::new(self.line, format!("!{name} is not supported here"))),
        })
    }
}

impl Kind {
    /// What to call this shape in a message.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a truth value",
            Kind::Number(..) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
            Kind::Call(..) => "an intrinsic function",
        }
    }
}

fn next<'a>(events: &mut Parser<'a, saphyr_parser::StrInput<'a>>) -> Result<(Event<'a>, usize), Problem> {
    match events.next() {
        Some(Ok((event, span))) => Ok((event, span.start.line())),
        Some(Err(error)) => Err(Problem::new(error.marker().line(), error.info().to_owned())),
        None => Err(Problem::new(1, "the document ends too early")),
    }
}

fn build<'a>(
    event: Event<'a>,
    line: usize,
    events: &mut Parser<'a, saphyr_parser::StrInput<'a>>,
) -> Result<Node, Problem> {
    let (kind, tag) = match event {
        Event::Scalar(text, style, _, tag) => (scalar(&text, style), tag),
        Event::SequenceStart(_, tag) => {
            let mut items = Vec::new();
            loop {
                match next(events)? {
                    (Event::SequenceEnd, _) => break,
                    (event, line) => items.push(build(event, line, events)?),
                }
            }
            (Kind::List(items), tag)
        }
        Event::MappingStart(_, tag) => (mapping(events)?, tag),
        Event::Alias(_) => return Err(Problem::new(line, "YAML aliases are not supported")),
        other => return Err(Problem::new(line, format!("unexpected YAML: {other:?}"))),
    };
    Ok(match tag {
        Some(tag) if !tag.is_yaml_core_schema() => {
            Node::new(line, Kind::Call(tag_name(&tag), Box::new(Node::new(line, kind))))
        }
        _ => Node::new(line, kind),
    })
}

fn tag_name(tag: &Tag) -> String {
    format!("{}{}", tag.handle.trim_start_matches('!'), tag.suffix)
}

fn mapping<'a>(events: &mut Parser<'a, saphyr_parser::StrInput<'a>>) -> Result<Kind, Problem> {
    let mut entries: Vec<(Key, Node)> = Vec::new();
    loop {
        let (event, line) = next(events)?;
        if matches!(event, Event::MappingEnd) {
            break;
        }
        let name = build(event, line, events)?.as_text()?;
        if entries.iter().any(|(key, _)| key.name == name) {
            return Err(Problem::new(line, format!("the key `{name}` stands here a second time")));
        }
        let (event, value_line) = next(events)?;
        entries.push((Key { line, name }, build(event, value_line, events)?));
    }
    if let [(key, _)] = entries.as_slice() {
        let short = match key.name.as_str() {
            "Ref" => Some("Ref"),
            name => name.strip_prefix("Fn::"),
        };
        if let Some(name) = short.map(str::to_owned) {
            let (_, argument) = entries.remove(0);
            return Ok(Kind::Call(name, Box::new(argument)));
        }
    }
    Ok(Kind::Map(entries))
}

fn scalar(text: &str, style: ScalarStyle) -> Kind {
    if style != ScalarStyle::Plain {
        return Kind::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => number(text).map_or_else(|| Kind::Text(text.to_owned()), |number| Kind::Number(number, text.to_owned())),
    }
}

/// Numbers as JSON spells them. Anything else, e.g. an account id with leading zeros, stays text.
fn number(text: &str) -> Option<serde_json::Number> {
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return None;
    }
    serde_json::from_str(text).ok()
}
