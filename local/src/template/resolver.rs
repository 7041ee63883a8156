//! Evaluates conditions and intrinsic functions.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::resource::Declared;
use super::{Addresses, Kind, Node, Problem};

/// Deeper nesting than this is a template that refers to itself.
const DEPTH: usize = 64;

/// All that an intrinsic can refer to.
pub struct Resolver<'t> {
    /// Values of parameters.
    pub parameters: BTreeMap<String, Node>,
    /// The `Conditions` section.
    pub conditions: Option<&'t Node>,
    /// The `Mappings` section.
    pub mappings: Option<&'t Node>,
    /// The resources that exist, by logical id.
    pub resources: BTreeMap<String, Declared<'t>>,
    /// Logical ids whose condition is false, with that condition.
    pub absent: BTreeMap<String, String>,
    /// Where the platform listens.
    pub addresses: Addresses,
    /// How deep the evaluation is nested.
    pub depth: Cell<usize>,
}

impl Resolver<'_> {
    /// The value with every intrinsic evaluated; `None` for `AWS::NoValue`.
    ///
    /// # Errors
    /// Unknown names, wrong arguments, intrinsics without meaning on one machine.
    pub fn resolve(&self, node: &Node) -> Result<Option<Node>, Problem> {
        if self.depth.get() > DEPTH {
            return Err(Problem::new(node.line, "this refers to itself"));
        }
        self.depth.set(self.depth.get() + 1);
        let result = self.resolve_inner(node);
        self.depth.set(self.depth.get() - 1);
        result
    }

    /// Like [`Self::resolve`], where a value must remain.
    ///
    /// # Errors
    /// As there, and for `AWS::NoValue`.
    pub fn value(&self, node: &Node) -> Result<Node, Problem> {
        self.resolve(node)?.ok_or_else(|| Problem::new(node.line, "AWS::NoValue cannot stand here"))
    }

    fn resolve_inner(&self, node: &Node) -> Result<Option<Node>, Problem> {
        Ok(Some(match &node.kind {
            Kind::List(items) => {
                let items = items.iter().filter_map(|item| self.resolve(item).transpose()).collect::<Result<_, _>>()?;
                Node::new(node.line, Kind::List(items))
            }
            Kind::Map(entries) => {
                let mut resolved = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    if let Some(value) = self.resolve(value)? {
                        resolved.push((key.clone(), value));
                    }
                }
                Node::new(node.line, Kind::Map(resolved))
            }
            Kind::Text(text) if text.contains("{{resolve:") => {
                return Err(Problem::new(
                    node.line,
                    "dynamic references ({{resolve:…}}) are not supported on one machine",
                ));
            }
            Kind::Call(name, argument) => return self.call(name, argument),
            _ => node.clone(),
        }))
    }

    fn call(&self, name: &str, argument: &Node) -> Result<Option<Node>, Problem> {
        let line = argument.line;
        match name {
            "Ref" => self.reference(&argument.as_text()?, line),
            "GetAtt" => {
                let (id, attribute) = match &argument.kind {
                    Kind::List(parts) if parts.len() == 2 => (parts[0].as_text()?, self.value(&parts[1])?.as_text()?),
                    _ => {
                        let text = argument.as_text()?;
                        let (id, attribute) = text
                            .split_once('.')
                            .ok_or_else(|| Problem::new(line, "GetAtt wants Resource.Attribute"))?;
                        (id.to_owned(), attribute.to_owned())
                    }
                };
                self.attribute(&id, &attribute, line).map(|text| Some(Node::text(line, text)))
            }
            "Sub" => self.substitute(argument).map(Some),
            "If" => {
                let [condition, yes, no] = exactly::<3>(argument, "If")?;
                if self.condition_named(&condition.as_text()?, line)? { self.resolve(yes) } else { self.resolve(no) }
            }
            "Join" => {
                let [separator, list] = exactly::<2>(argument, "Join")?;
                let list = self.value(list)?;
                let parts = list.items()?.iter().map(Node::as_text).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(Node::text(line, parts.join(&separator.as_text()?))))
            }
            "Select" => {
                let [index, list] = exactly::<2>(argument, "Select")?;
                let (index, list) = (self.value(index)?.as_count()?, self.value(list)?);
                let item = usize::try_from(index).ok().and_then(|index| list.items().ok()?.get(index));
                item.cloned().map(Some).ok_or_else(|| Problem::new(line, format!("Select: there is no item {index}")))
            }
            "Split" => {
                let [separator, text] = exactly::<2>(argument, "Split")?;
                let (separator, text) = (separator.as_text()?, self.value(text)?.as_text()?);
                Ok(Some(Node::new(
                    line,
                    Kind::List(text.split(&separator).map(|part| Node::text(line, part)).collect()),
                )))
            }
            "FindInMap" => {
                let [map, first, second] = exactly::<3>(argument, "FindInMap")?;
                let keys = [self.value(map)?.as_text()?, self.value(first)?.as_text()?, self.value(second)?.as_text()?];
                let found = self.mappings.and_then(|maps| maps.get(&keys[0])?.get(&keys[1])?.get(&keys[2]));
                found
                    .cloned()
                    .map(Some)
                    .ok_or_else(|| Problem::new(line, format!("Mappings has no {}", keys.join("."))))
            }
            "Equals" | "Not" | "And" | "Or" | "Condition" => {
                let call = Node::new(line, Kind::Call(name.to_owned(), Box::new(argument.clone())));
                Ok(Some(Node::new(line, Kind::Bool(self.condition(&call)?))))
            }
            "ImportValue" => Err(Problem::new(
                line,
                "!ImportValue names another stack, and one machine has only this one: use a parameter",
            )),
            other => Err(Problem::new(line, format!("the intrinsic function `{other}` is not supported"))),
        }
    }

    fn reference(&self, name: &str, line: usize) -> Result<Option<Node>, Problem> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(value) = super::names::pseudo_parameter(name) {
            return Ok(Some(Node::text(line, value)));
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(Node::new(line, value.kind.clone())));
        }
        self.physical_reference(name, line).map(|text| Some(Node::text(line, text)))
    }

    fn substitute(&self, argument: &Node) -> Result<Node, Problem> {
        let line = argument.line;
        let (template, own) = match &argument.kind {
            Kind::List(parts) if parts.len() == 2 => (parts[0].as_text()?, Some(&parts[1])),
            _ => (argument.as_text()?, None),
        };
        let mut result = String::with_capacity(template.len());
        let mut rest = template.as_str();
        while let Some(start) = rest.find("${") {
            result.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else { break };
            let name = &rest[start + 2..start + length];
            rest = &rest[start + length + 1..];
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = own.and_then(|own| own.get(name)) {
                result.push_str(&self.value(value)?.as_text()?);
            } else if let Some((id, attribute)) = name.split_once('.') {
                result.push_str(&self.attribute(id, attribute, line)?);
            } else {
                let value = self.reference(name.trim(), line)?;
                result.push_str(&value.map(|value| value.as_text()).transpose()?.unwrap_or_default());
            }
        }
        result.push_str(rest);
        Ok(Node::text(line, result))
    }

    /// Whether the condition of this name holds.
    ///
    /// # Errors
    /// There is none, or it is malformed.
    pub fn condition_named(&self, name: &str, line: usize) -> Result<bool, Problem> {
        let found = self.conditions.and_then(|all| all.get(name));
        self.condition(found.ok_or_else(|| Problem::new(line, format!("there is no condition `{name}`")))?)
    }

    fn condition(&self, node: &Node) -> Result<bool, Problem> {
        if let Some(name) = node.get("Condition") {
            return self.condition_named(&name.as_text()?, node.line);
        }
        let Kind::Call(name, argument) = &node.kind else { return node.as_bool() };
        match name.as_str() {
            "Condition" => self.condition_named(&argument.as_text()?, node.line),
            "Equals" => {
                let [left, right] = exactly::<2>(argument, "Equals")?;
                Ok(self.value(left)?.as_text()? == self.value(right)?.as_text()?)
            }
            "Not" => {
                let [inner] = exactly::<1>(argument, "Not")?;
                Ok(!self.condition(inner)?)
            }
            "And" | "Or" => {
                let mut parts = argument
                    .items()?
                    .iter()
                    .map(|part| self.condition(part))
                    .collect::<Result<Vec<_>, _>>()?
                    .into_iter();
                Ok(if name == "And" { parts.all(|part| part) } else { parts.any(|part| part) })
            }
            other => Err(Problem::new(node.line, format!("`{other}` cannot stand in a condition"))),
        }
    }
}

fn exactly<'n, const N: usize>(argument: &'n Node, name: &str) -> Result<&'n [Node; N], Problem> {
    argument.items()?.try_into().map_err(|_| Problem::new(argument.line, format!("{name} wants {N} arguments")))
}
