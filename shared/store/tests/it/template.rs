//! The tables as `template.yaml` declares them.

use saphyr_parser::{Event, Parser, StrInput};
use serde_json::{Map, Value};

/// The resources of the type `AWS::DynamoDB::Table`: logical names and properties. Scalars are texts.
pub fn tables() -> Vec<(String, Value)> {
    let source = include_str!("../../../../template.yaml");
    let mut events = Parser::new_from_str(source);
    let template = loop {
        match next(&mut events) {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            event => break value(event, &mut events),
        }
    };
    let resources = template["Resources"].as_object().expect("the template has resources").clone();
    let tables = resources.into_iter().filter(|(_, resource)| resource["Type"] == "AWS::DynamoDB::Table");
    tables.map(|(name, resource)| (name, resource["Properties"].clone())).collect()
}

fn next<'a>(events: &mut Parser<'a, StrInput<'a>>) -> Event<'a> {
    events.next().expect("a document has an end").expect("the template is YAML").0
}

fn value<'a>(event: Event<'a>, events: &mut Parser<'a, StrInput<'a>>) -> Value {
    match event {
        Event::Scalar(text, ..) => Value::String(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match next(events) {
                    Event::SequenceEnd => return Value::Array(items),
                    item => items.push(value(item, events)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Map::new();
            loop {
                match next(events) {
                    Event::MappingEnd => return Value::Object(entries),
                    Event::Scalar(key, ..) => {
                        let entry = next(events);
                        entries.insert(key.into_owned(), value(entry, events));
                    }
                    other => panic!("a key is text, not {other:?}"),
                }
            }
        }
        other => panic!("{other:?} is not expected in a template"),
    }
}

#[test]
fn the_template_declares_the_three_tables() {
    let names: Vec<String> = tables().into_iter().map(|(name, _)| name).collect();
    for table in ["UsersTable", "ProjectsTable", "DeploymentsTable"] {
        assert!(names.iter().any(|name| name == table), "{table} is not among {names:?}");
    }
}
