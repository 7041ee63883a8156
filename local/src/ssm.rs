//! SSM parameters on disk. A SecureString is a file with mode 0600: the laptop has no KMS.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::template::{ACCOUNT, REGION};
use crate::{clock, durable, wire};

/// A request holds at most one value of 8 KB or ten names.
const LARGEST: usize = 64 * 1024;

/// All parameters.
#[derive(Clone)]
pub struct Parameters {
    file: PathBuf,
    parameters: Arc<Mutex<BTreeMap<String, Parameter>>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Parameter {
    kind: String,
    value: String,
    version: u64,
    modified: i64,
}

type Refusal = (&'static str, String);

impl Parameters {
    /// Opens the parameters kept in a folder.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
        let file = folder.join("parameters.json");
        let parameters = match std::fs::read(&file) {
            Ok(content) => serde_json::from_slice(&content)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { file, parameters: Arc::new(Mutex::new(parameters)) })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let input = wire::body(body, LARGEST).await.and_then(|body| serde_json::from_slice::<Value>(&body).ok());
        let input = input.unwrap_or_default();
        let operation = wire::operation(&parts.headers).unwrap_or_default();
        let answer = match operation {
            "PutParameter" => self.put(&input),
            "GetParameter" => self.get(&input),
            "GetParameters" => Ok(self.get_all(&input)),
            "GetParametersByPath" => Ok(self.by_path(&input)),
            "DeleteParameter" => self.delete(&input),
            "DeleteParameters" => self.delete_all(&input),
            other => Err(("UnknownOperationException", format!("the laptop platform does not support SSM {other}"))),
        };
        match answer {
            Ok(answer) => wire::json_as(StatusCode::OK, "application/x-amz-json-1.1", &answer),
            Err((code, message)) => wire::error(StatusCode::BAD_REQUEST, code, &message),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Parameter>> {
        self.parameters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, parameters: &BTreeMap<String, Parameter>) -> Result<(), Refusal> {
        let failed = |error: io::Error| ("InternalServerError", error.to_string());
        durable::write(&self.file, &serde_json::to_vec(parameters).map_err(|error| failed(error.into()))?)
            .map_err(failed)
    }

    fn put(&self, input: &Value) -> Result<Value, Refusal> {
        let (name, value) = (text(input, "Name")?, text(input, "Value")?);
        let mut parameters = self.lock();
        let old = parameters.get(&name);
        if old.is_some() && input["Overwrite"].as_bool() != Some(true) {
            return Err(("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.".to_owned()));
        }
        let version = old.map_or(0, |old| old.version) + 1;
        let kind = input["Type"].as_str().map(str::to_owned).or_else(|| old.map(|old| old.kind.clone()));
        let kind = kind
            .ok_or(("ValidationException", "A parameter type is required when you create a parameter.".to_owned()))?;
        parameters.insert(name, Parameter { kind, value, version, modified: clock::now().unix_timestamp() });
        self.save(&parameters)?;
        Ok(json!({ "Version": version, "Tier": "Standard" }))
    }

    fn get(&self, input: &Value) -> Result<Value, Refusal> {
        let name = text(input, "Name")?;
        let parameters = self.lock();
        let parameter = parameters.get(&name).ok_or(("ParameterNotFound", String::new()))?;
        Ok(json!({ "Parameter": described(&name, parameter, decrypts(input)) }))
    }

    fn get_all(&self, input: &Value) -> Value {
        let (parameters, mut found, mut unknown) = (self.lock(), Vec::new(), Vec::new());
        for name in names(input) {
            match parameters.get(&name) {
                Some(parameter) => found.push(described(&name, parameter, decrypts(input))),
                None => unknown.push(name),
            }
        }
        json!({ "Parameters": found, "InvalidParameters": unknown })
    }

    fn by_path(&self, input: &Value) -> Value {
        let path = format!("{}/", input["Path"].as_str().unwrap_or_default().trim_end_matches('/'));
        let recursive = input["Recursive"].as_bool() == Some(true);
        let most = input["MaxResults"].as_u64().unwrap_or(10).clamp(1, 10) as usize;
        let after = input["NextToken"].as_str().unwrap_or_default();
        let parameters = self.lock();
        let mut matching = parameters.iter().filter(|(name, _)| {
            name.as_str() > after && name.strip_prefix(&path).is_some_and(|rest| recursive || !rest.contains('/'))
        });
        let page: Vec<_> = matching.by_ref().take(most).collect();
        let found: Vec<_> = page.iter().map(|(name, parameter)| described(name, parameter, decrypts(input))).collect();
        let mut answer = json!({ "Parameters": found });
        if matching.next().is_some()
            && let Some((last, _)) = page.last()
        {
            answer["NextToken"] = json!(last);
        }
        answer
    }

    fn delete(&self, input: &Value) -> Result<Value, Refusal> {
        let name = text(input, "Name")?;
        let mut parameters = self.lock();
        parameters.remove(&name).ok_or(("ParameterNotFound", String::new()))?;
        self.save(&parameters)?;
        Ok(json!({}))
    }

    fn delete_all(&self, input: &Value) -> Result<Value, Refusal> {
        let mut parameters = self.lock();
        let (deleted, unknown): (Vec<_>, Vec<_>) =
            names(input).into_iter().partition(|name| parameters.remove(name).is_some());
        self.save(&parameters)?;
        Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": unknown }))
    }
}

fn text(input: &Value, name: &str) -> Result<String, Refusal> {
    let value = input[name].as_str().filter(|value| !value.is_empty());
    value.map(str::to_owned).ok_or_else(|| ("ValidationException", format!("{name} is required")))
}

fn names(input: &Value) -> Vec<String> {
    input["Names"].as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn decrypts(input: &Value) -> bool {
    input["WithDecryption"].as_bool() == Some(true)
}

fn described(name: &str, parameter: &Parameter, decrypted: bool) -> Value {
    let hidden = parameter.kind == "SecureString" && !decrypted;
    json!({
        "Name": name,
        "Type": parameter.kind,
        "Value": if hidden { "(encrypted)" } else { &parameter.value },
        "Version": parameter.version,
        "LastModifiedDate": parameter.modified,
        "ARN": format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{}", name.trim_start_matches('/')),
        "DataType": "text",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_survive_a_restart_and_hide_secrets_unless_asked() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Parameters::open(folder.path()).unwrap();
        for name in ["/p/one/A", "/p/one/B", "/p/two/C"] {
            open().put(&json!({ "Name": name, "Value": "secret", "Type": "SecureString" })).unwrap();
        }
        assert_eq!(
            open().put(&json!({ "Name": "/p/one/A", "Value": "x", "Type": "String" })).unwrap_err().0,
            "ParameterAlreadyExists"
        );
        let found = open().by_path(&json!({ "Path": "/p/one", "WithDecryption": true }));
        assert_eq!(found["Parameters"].as_array().unwrap().len(), 2);
        assert_eq!(found["Parameters"][0]["Value"], "secret");
        assert_eq!(open().get(&json!({ "Name": "/p/two/C" })).unwrap()["Parameter"]["Value"], "(encrypted)");
        let page = open().by_path(&json!({ "Path": "/p", "Recursive": true, "MaxResults": 2 }));
        assert_eq!(page["NextToken"], "/p/one/B");
        open().delete(&json!({ "Name": "/p/two/C" })).unwrap();
        assert_eq!(open().get(&json!({ "Name": "/p/two/C" })).unwrap_err().0, "ParameterNotFound");
    }
}
