//! `Globals`, merged into resources as SAM does: mappings merge, lists concatenate, scalars yield to the resource.

use super::{Key, Kind, Node, Problem};

/// The section's key for a resource type.
pub fn section<'t>(globals: Option<&'t Node>, kind: &str) -> Option<&'t Node> {
    let name = match kind {
        "AWS::Serverless::Function" => "Function",
        "AWS::Serverless::HttpApi" => "HttpApi",
        _ => return None,
    };
    globals?.get(name)
}

/// Checks that only supported sections exist.
///
/// # Errors
/// Another section.
pub fn check(globals: Option<&Node>) -> Result<(), Problem> {
    for (key, _) in globals.map(Node::entries).transpose()?.unwrap_or_default() {
        if key.name != "Function" && key.name != "HttpApi" {
            return Err(Problem::new(key.line, format!("Globals.{} is not supported", key.name)));
        }
    }
    Ok(())
}

/// `own` over `global`.
pub fn merge(global: &Node, own: &Node) -> Node {
    match (&global.kind, &own.kind) {
        (Kind::Map(global), Kind::Map(entries)) => {
            let mut merged: Vec<(Key, Node)> = entries.clone();
            for (key, value) in global {
                match merged.iter_mut().find(|(own, _)| own.name == key.name) {
                    Some((_, own)) => *own = merge(value, own),
                    None => merged.push((key.clone(), value.clone())),
                }
            }
            Node::new(own.line, Kind::Map(merged))
        }
        (Kind::List(global), Kind::List(items)) => {
            Node::new(own.line, Kind::List(global.iter().chain(items).cloned().collect()))
        }
        (_, Kind::Null) => global.clone(),
        _ => own.clone(),
    }
}
