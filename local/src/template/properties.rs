//! Reads the resolved properties of one resource against an explicit list of those that are supported.

use super::{Kind, Node, Problem};

/// A mapping whose keys were checked.
pub struct Properties<'n> {
    node: &'n Node,
    what: &'n str,
}

impl<'n> Properties<'n> {
    /// Wraps a mapping.
    ///
    /// # Errors
    /// A key is not in `supported`; it is never silently skipped.
    pub fn new(node: &'n Node, what: &'n str, supported: &[&str]) -> Result<Self, Problem> {
        if node.kind == Kind::Null {
            return Ok(Self { node, what });
        }
        for (key, _) in node.entries()? {
            if !supported.contains(&key.name.as_str()) {
                return Err(Problem::new(
                    key.line,
                    format!("the laptop platform does not support `{}` of {what}", key.name),
                ));
            }
        }
        Ok(Self { node, what })
    }

    /// The property, if it is there.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.node.get(name)
    }

    /// The property.
    ///
    /// # Errors
    /// It is missing.
    pub fn required(&self, name: &str) -> Result<&'n Node, Problem> {
        self.get(name).ok_or_else(|| Problem::new(self.node.line, format!("{} needs {name}", self.what)))
    }

    /// Text, if the property is there.
    ///
    /// # Errors
    /// It is not text.
    pub fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        self.get(name).map(Node::as_text).transpose()
    }

    /// A whole number, if the property is there.
    ///
    /// # Errors
    /// It is not one.
    pub fn count(&self, name: &str) -> Result<Option<u64>, Problem> {
        self.get(name).map(Node::as_count).transpose()
    }

    /// A list of texts; empty if the property is missing.
    ///
    /// # Errors
    /// It is not a list of texts.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Problem> {
        self.get(name).map_or(Ok(Vec::new()), |node| node.items()?.iter().map(Node::as_text).collect())
    }

    /// Checks that a property, if present, has one of the given values.
    ///
    /// # Errors
    /// It has another.
    pub fn only(&self, name: &str, allowed: &[&str]) -> Result<(), Problem> {
        let Some(node) = self.get(name) else { return Ok(()) };
        let value = node.as_text()?;
        if allowed.contains(&value.as_str()) {
            return Ok(());
        }
        Err(Problem::new(
            node.line,
            format!("the laptop platform supports {name} {} only, not `{value}`", allowed.join(" or ")),
        ))
    }
}
