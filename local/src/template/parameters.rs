//! The template's parameters: defaults, overrides and their checks.

use std::collections::BTreeMap;

use regex::Regex;

use super::{Kind, Node, Problem, TemplateError};

const ATTRIBUTES: &[&str] = &[
    "Type",
    "Default",
    "Description",
    "AllowedValues",
    "AllowedPattern",
    "ConstraintDescription",
    "NoEcho",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
];

/// Values of all parameters: the override, else the default.
///
/// # Errors
/// Missing values, unknown overrides and values that a rule of the parameter forbids.
pub fn values(
    section: Option<&Node>,
    overrides: &BTreeMap<String, String>,
    file: &str,
) -> Result<BTreeMap<String, Node>, TemplateError> {
    let invalid = |problem| TemplateError::Invalid { file: file.to_owned(), problem };
    let declared = section.map(Node::entries).transpose().map_err(invalid)?.unwrap_or_default();
    if let Some(name) = overrides.keys().find(|name| !declared.iter().any(|(key, _)| key.name == **name)) {
        return Err(TemplateError::UnknownParameter(name.clone()));
    }
    let mut missing = Vec::new();
    let mut found = BTreeMap::new();
    for (key, declaration) in declared {
        match value(declaration, overrides.get(&key.name), key.line).map_err(invalid)? {
            Some(value) => _ = found.insert(key.name.clone(), value),
            None => missing.push(key.name.clone()),
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(TemplateError::MissingParameters(missing.join(", "))) }
}

fn value(declaration: &Node, given: Option<&String>, line: usize) -> Result<Option<Node>, Problem> {
    for (key, _) in declaration.entries()? {
        if !ATTRIBUTES.contains(&key.name.as_str()) {
            return Err(Problem::new(key.line, format!("the parameter attribute `{}` is not supported", key.name)));
        }
    }
    let kind = declaration.get("Type").ok_or_else(|| Problem::new(line, "the parameter has no Type"))?.as_text()?;
    let text = match (given, declaration.get("Default")) {
        (Some(given), _) => given.clone(),
        (None, Some(default)) => default.as_text()?,
        (None, None) => return Ok(None),
    };
    let list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    if !list && kind != "String" && kind != "Number" && !(kind.starts_with("AWS::EC2::") && kind.ends_with("::Id")) {
        return Err(Problem::new(
            line,
            format!("parameters of type {kind} are not supported on one machine: use String"),
        ));
    }
    let items: Vec<&str> = if list { text.split(',').map(str::trim).collect() } else { vec![text.as_str()] };
    for item in &items {
        check(declaration, &kind, item, line)?;
    }
    Ok(Some(if list {
        Node::new(line, Kind::List(items.iter().map(|item| Node::text(line, *item)).collect()))
    } else {
        Node::text(line, text)
    }))
}

fn check(declaration: &Node, kind: &str, text: &str, line: usize) -> Result<(), Problem> {
    let refuse = |why: String| {
        let hint = declaration.get("ConstraintDescription").and_then(|node| node.as_text().ok());
        let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        Err(Problem::new(line, format!("the value `{text}` {why}{hint}")))
    };
    if let Some(allowed) = declaration.get("AllowedValues") {
        let allowed = allowed.items()?.iter().map(Node::as_text).collect::<Result<Vec<_>, _>>()?;
        if !allowed.iter().any(|value| value == text) {
            return refuse(format!("is not one of {}", allowed.join(", ")));
        }
    }
    if let Some(pattern) = declaration.get("AllowedPattern") {
        let source = pattern.as_text()?;
        let regex = Regex::new(&format!("^(?:{source})$")).map_err(|error| {
            Problem::new(pattern.line, format!("AllowedPattern is not a regular expression: {error}"))
        })?;
        if !regex.is_match(text) {
            return refuse(format!("does not match {source}"));
        }
    }
    let length = text.chars().count() as u64;
    if let Some(least) = declaration.get("MinLength").map(Node::as_count).transpose()?
        && length < least
    {
        return refuse(format!("is shorter than {least} characters"));
    }
    if let Some(most) = declaration.get("MaxLength").map(Node::as_count).transpose()?
        && length > most
    {
        return refuse(format!("is longer than {most} characters"));
    }
    if kind != "Number" {
        return Ok(());
    }
    let Ok(number) = text.parse::<f64>() else { return refuse("is not a number".to_owned()) };
    for (bound, below) in [("MinValue", true), ("MaxValue", false)] {
        let Some(node) = declaration.get(bound) else { continue };
        let limit =
            node.as_text()?.parse::<f64>().map_err(|_| Problem::new(node.line, format!("{bound} is not a number")))?;
        if (below && number < limit) || (!below && number > limit) {
            return refuse(format!("is {} {limit}", if below { "below" } else { "above" }));
        }
    }
    Ok(())
}
