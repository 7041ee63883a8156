//! What CloudFront accepts from a viewer-request function.

use serde_json::{Map, Value};

use super::Error;

/// Fails unless the answer is a request (it has a `uri`) or a response (it has a `statusCode`) of the documented shape.
pub fn check(answer: &Value) -> Result<(), Error> {
    let fields = answer.as_object().ok_or_else(|| refuse("it is not an object"))?;
    match fields.get("statusCode") {
        Some(status) => response(fields, status),
        None => request(fields),
    }
}

fn request(fields: &Map<String, Value>) -> Result<(), Error> {
    let uri = fields.get("uri").and_then(Value::as_str).ok_or_else(|| refuse("it has neither uri nor statusCode"))?;
    if !uri.starts_with('/') {
        return Err(refuse("its uri does not begin with a slash"));
    }
    if fields.get("method").is_some_and(|method| !method.is_string()) {
        return Err(refuse("its method is not a string"));
    }
    for name in ["headers", "cookies", "querystring"] {
        values(fields, name)?;
    }
    Ok(())
}

fn response(fields: &Map<String, Value>, status: &Value) -> Result<(), Error> {
    // CloudFront takes 200 to 599 from a function, as a number.
    if !status.as_u64().is_some_and(|status| (200..600).contains(&status)) {
        return Err(refuse("its statusCode is not a number from 200 to 599"));
    }
    if fields.get("statusDescription").is_some_and(|text| !text.is_string()) {
        return Err(refuse("its statusDescription is not a string"));
    }
    for name in ["headers", "cookies"] {
        values(fields, name)?;
    }
    match fields.get("body") {
        None | Some(Value::String(_)) => Ok(()),
        Some(Value::Object(body)) => {
            let encoding = body.get("encoding").and_then(Value::as_str);
            let data = body.get("data").is_some_and(Value::is_string);
            if data && matches!(encoding, Some("text" | "base64")) {
                Ok(())
            } else {
                Err(refuse("its body needs data and an encoding of text or base64"))
            }
        }
        Some(_) => Err(refuse("its body is neither a string nor an object")),
    }
}

/// Headers, cookies and query parameters: a name maps to `{ value, multiValue? }`.
fn values(fields: &Map<String, Value>, name: &str) -> Result<(), Error> {
    let Some(found) = fields.get(name) else { return Ok(()) };
    let found = found.as_object().ok_or_else(|| refuse(&format!("its {name} are not an object")))?;
    for (key, entry) in found {
        if name == "headers" && key.chars().any(|character| character.is_ascii_uppercase()) {
            return Err(refuse(&format!("the header name {key} is not in lower case")));
        }
        let is_one = |entry: &Value| entry.get("value").is_some_and(Value::is_string);
        let holds = match entry.get("multiValue") {
            None => is_one(entry),
            Some(several) => several.as_array().is_some_and(|several| several.iter().all(is_one)),
        };
        if !holds {
            return Err(refuse(&format!("{key} in its {name} has no string value")));
        }
    }
    Ok(())
}

fn refuse(reason: &str) -> Error {
    Error::Answer(reason.to_owned())
}
