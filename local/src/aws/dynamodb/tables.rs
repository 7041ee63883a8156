//! Tables as the template describes them, made if missing and compared if present.

use std::path::Path;

use dynoxide::{Database, DynoxideError};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::aws::Error;

/// The properties that decide what a table is; every other one has no meaning on a laptop.
const SCHEMA: [&str; 4] = ["KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"];

/// Creates the table of these CloudFormation `Properties`, or checks that it exists with the same schema.
pub fn create(database: &Database, properties: &Value, path: &Path) -> Result<(), Error> {
    let table = properties["TableName"].as_str().ok_or_else(|| Error::Template {
        resource: "AWS::DynamoDB::Table".to_owned(),
        reason: "give the table a TableName".to_owned(),
    })?;
    let wanted = schema(properties);
    let described = database.describe_table(request(table, json!({ "TableName": table }))?);
    match described {
        Ok(found) => {
            let found = serde_json::to_value(&found).map_err(|error| engine(table, &error))?;
            let found = schema(&found["Table"]);
            for name in SCHEMA {
                if found[name] != wanted[name] {
                    return Err(Error::Schema {
                        table: table.to_owned(),
                        difference: format!("{name} is {} on disk and {} in the template", found[name], wanted[name]),
                        path: path.to_owned(),
                    });
                }
            }
        }
        Err(DynoxideError::ResourceNotFoundException(_)) => {
            let mut wanted = wanted;
            wanted["TableName"] = json!(table);
            wanted["BillingMode"] = json!("PAY_PER_REQUEST");
            for name in SCHEMA {
                if wanted[name].is_null() {
                    wanted.as_object_mut().map(|properties| properties.remove(name));
                }
            }
            database.create_table(request(table, wanted)?).map_err(|error| engine(table, &error))?;
        }
        Err(error) => return Err(engine(table, &error)),
    }
    expire(database, table, &properties["TimeToLiveSpecification"])
}

/// Turns expiry on, as CloudFormation does when the template says so.
fn expire(database: &Database, table: &str, wanted: &Value) -> Result<(), Error> {
    if wanted.is_null() {
        return Ok(());
    }
    let found = database
        .describe_time_to_live(request(table, json!({ "TableName": table }))?)
        .and_then(|found| {
            serde_json::to_value(&found).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
        })
        .map_err(|error| engine(table, &error))?;
    let found = &found["TimeToLiveDescription"];
    let on = |value: &Value| value == &json!(true) || value == &json!("true");
    let is_on = found["TimeToLiveStatus"] == json!("ENABLED");
    if is_on == on(&wanted["Enabled"]) && (!is_on || found["AttributeName"] == wanted["AttributeName"]) {
        return Ok(());
    }
    let specification = json!({ "AttributeName": wanted["AttributeName"], "Enabled": on(&wanted["Enabled"]) });
    let update = json!({ "TableName": table, "TimeToLiveSpecification": specification });
    database.update_time_to_live(request(table, update)?).map_err(|error| engine(table, &error))?;
    Ok(())
}

/// The schema in one form, whether it comes from the template or from the engine: order and extras do not count.
fn schema(table: &Value) -> Value {
    let sorted = |list: &Value, by: &str| {
        let mut list = list.as_array().cloned().unwrap_or_default();
        list.sort_by_key(|item| item[by].as_str().unwrap_or_default().to_owned());
        if list.is_empty() { Value::Null } else { Value::Array(list) }
    };
    let keys = |list: &Value| {
        let mut list = list.as_array().cloned().unwrap_or_default();
        // HASH before RANGE
        list.sort_by_key(|item| item["KeyType"].as_str().unwrap_or_default().to_owned());
        Value::Array(list)
    };
    let indexes = |list: &Value| {
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let one = |index: &Value| {
            let mut projection = index["Projection"].clone();
            if let Some(names) = projection["NonKeyAttributes"].as_array_mut() {
                names.sort_by_key(|name| name.as_str().unwrap_or_default().to_owned());
            }
            if projection["NonKeyAttributes"].as_array().is_none_or(Vec::is_empty)
                && let Some(projection) = projection.as_object_mut()
            {
                projection.remove("NonKeyAttributes");
            }
            json!({ "IndexName": index["IndexName"], "KeySchema": keys(&index["KeySchema"]), "Projection": projection })
        };
        sorted(&list.iter().map(one).collect(), "IndexName")
    };
    json!({
        "KeySchema": keys(&table["KeySchema"]),
        "AttributeDefinitions": sorted(&table["AttributeDefinitions"], "AttributeName"),
        "GlobalSecondaryIndexes": indexes(&table["GlobalSecondaryIndexes"]),
        "LocalSecondaryIndexes": indexes(&table["LocalSecondaryIndexes"]),
    })
}

fn request<T: DeserializeOwned>(table: &str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| engine(table, &error))
}

fn engine(table: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::Engine { what: format!("table {table}"), reason: reason.to_string() }
}
