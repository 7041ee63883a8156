//! Which service a request is for, and what it does there.

use std::collections::BTreeSet;

use axum::http::Method;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::lambda::invoke_api;
use crate::wire;

/// The services the platform hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `dynamodb`
    DynamoDb,
    /// `s3`
    S3,
    /// `lambda`
    Lambda,
    /// `events`
    Events,
    /// `sqs`
    Sqs,
    /// `ssm`
    Ssm,
    /// `ecs`
    Ecs,
    /// `cloudfront-keyvaluestore`
    KeyValueStore,
}

/// One call, as it is recorded.
#[derive(Debug, Clone)]
pub struct Call {
    /// The access key: a function's logical id, or whatever another caller uses.
    pub function: Option<String>,
    /// The service.
    pub service: Service,
    /// The action, spelled as in IAM.
    pub action: String,
    /// Table, bucket and key, queue, function, store, cluster; several joined with a comma.
    pub resource: String,
    /// Length of the request's body.
    pub request_bytes: u64,
}

impl Service {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "dynamodb" => Self::DynamoDb,
            "s3" => Self::S3,
            "lambda" => Self::Lambda,
            "events" => Self::Events,
            "sqs" => Self::Sqs,
            "ssm" => Self::Ssm,
            "ecs" => Self::Ecs,
            "cloudfront-keyvaluestore" => Self::KeyValueStore,
            _ => return None,
        })
    }

    /// The name in credential scopes and IAM actions.
    pub fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::S3 => "s3",
            Self::Lambda => "lambda",
            Self::Events => "events",
            Self::Sqs => "sqs",
            Self::Ssm => "ssm",
            Self::Ecs => "ecs",
            Self::KeyValueStore => "cloudfront-keyvaluestore",
        }
    }
}

/// `key/date/region/service/aws4_request`, from the header or a presigned query; SigV4A leaves the region out.
fn credential(parts: &Parts) -> Option<String> {
    if let Some(header) = parts.headers.get("authorization").and_then(|value| value.to_str().ok()) {
        let start = header.find("Credential=")? + "Credential=".len();
        return Some(header[start..].split([',', ' ']).next().unwrap_or_default().to_owned());
    }
    let query = parts.uri.query()?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// The service a request is for.
pub fn service(parts: &Parts) -> Option<Service> {
    if let Some(credential) = credential(parts) {
        return Service::named(credential.rsplit('/').nth(1)?);
    }
    if let Some(target) = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        return match target.split('.').next()? {
            "DynamoDB_20120810" => Some(Service::DynamoDb),
            "AWSEvents" => Some(Service::Events),
            "AmazonSQS" => Some(Service::Sqs),
            "AmazonSSM" => Some(Service::Ssm),
            "AmazonEC2ContainerServiceV20141113" => Some(Service::Ecs),
            _ => None,
        };
    }
    if invoke_api::function_name(parts.uri.path()).is_some() {
        return Some(Service::Lambda);
    }
    // What nobody signed can only be a browser's preflight or an anonymous read: S3 refuses it itself.
    Some(Service::S3)
}

fn caller(parts: &Parts) -> Option<String> {
    credential(parts)?.split('/').next().map(str::to_owned)
}

impl Call {
    /// A call of S3.
    pub fn of_s3(parts: &Parts) -> Self {
        let path = percent_decode_str(parts.uri.path().trim_start_matches('/')).decode_utf8_lossy().into_owned();
        let length = parts.headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
        Self {
            function: caller(parts),
            service: Service::S3,
            action: s3_action(parts, path.contains('/') && !path.ends_with('/')).to_owned(),
            resource: path,
            request_bytes: length.unwrap_or(0),
        }
    }

    /// A call of a service that speaks JSON.
    pub fn of_json(service: Service, parts: &Parts, body: &[u8]) -> Self {
        let input = serde_json::from_slice(body).unwrap_or(Value::Null);
        let path = parts.uri.path();
        let (action, resource) = match service {
            Service::Lambda => ("InvokeFunction".to_owned(), invoke_api::function_name(path).unwrap_or_default()),
            Service::KeyValueStore => key_value_call(&parts.method, path),
            _ => (wire::operation(&parts.headers).unwrap_or("Unknown").to_owned(), resources(service, &input)),
        };
        Self { function: caller(parts), service, action, resource, request_bytes: body.len() as u64 }
    }
}

fn s3_action(parts: &Parts, object: bool) -> &'static str {
    let query = parts.uri.query().unwrap_or_default();
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    match (parts.method.as_str(), object) {
        ("GET", true) if has("uploadId") => "ListParts",
        ("GET", true) => "GetObject",
        ("HEAD", true) => "HeadObject",
        ("PUT", true) if has("uploadId") => "UploadPart",
        ("PUT", true) if parts.headers.contains_key("x-amz-copy-source") => "CopyObject",
        ("PUT", true) => "PutObject",
        ("DELETE", true) if has("uploadId") => "AbortMultipartUpload",
        ("DELETE", true) => "DeleteObject",
        ("POST", true) if has("uploads") => "CreateMultipartUpload",
        ("POST", true) => "CompleteMultipartUpload",
        ("POST", false) if has("delete") => "DeleteObjects",
        ("GET", false) if has("list-type") => "ListObjectsV2",
        ("GET", false) => "ListObjects",
        ("HEAD", false) => "HeadBucket",
        ("OPTIONS", _) => "Preflight",
        _ => "Unknown",
    }
}

/// `/key-value-stores/{arn}` and `/key-value-stores/{arn}/keys/{key}`.
fn key_value_call(method: &Method, path: &str) -> (String, String) {
    let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let rest = decoded.strip_prefix("/key-value-stores/").unwrap_or(&decoded);
    let (store, key) = rest.split_once("/keys").map_or((rest, None), |(store, key)| (store, Some(key)));
    let action = match (method.as_str(), key) {
        ("GET", None) => "DescribeKeyValueStore",
        ("GET", Some("" | "/")) => "ListKeys",
        ("GET", Some(_)) => "GetKey",
        ("PUT", Some(_)) => "PutKey",
        ("DELETE", Some(_)) => "DeleteKey",
        ("POST", _) => "UpdateKeys",
        _ => "Unknown",
    };
    (action.to_owned(), store.to_owned())
}

fn resources(service: Service, input: &Value) -> String {
    let mut found = BTreeSet::new();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    found.extend(
        ["TableName", "QueueUrl", "QueueName", "Name", "Path", "cluster"].iter().filter_map(|name| text(&input[name])),
    );
    if service == Service::DynamoDb {
        let operations = input["TransactItems"].as_array().into_iter().flatten();
        let operations = operations.filter_map(Value::as_object).flat_map(|operation| operation.values());
        found.extend(operations.filter_map(|operation| text(&operation["TableName"])));
        found.extend(input["RequestItems"].as_object().into_iter().flat_map(|tables| tables.keys().cloned()));
    }
    if service == Service::Events {
        let entries = input["Entries"].as_array().into_iter().flatten();
        found.extend(entries.filter_map(|entry| text(&entry["DetailType"])));
    }
    found.into_iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use serde_json::json;

    use super::*;

    fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_credential_scope_names_service_and_caller() {
        let signed = "AWS4-HMAC-SHA256 Credential=AuthFunction/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x";
        let parts_of =
            parts("POST", "/", &[("authorization", signed), ("x-amz-target", "DynamoDB_20120810.TransactWriteItems")]);
        assert_eq!(service(&parts_of), Some(Service::DynamoDb));
        let body = json!({ "TransactItems": [{ "Put": { "TableName": "b" } }, { "Update": { "TableName": "a" } }] })
            .to_string();
        let call = Call::of_json(Service::DynamoDb, &parts_of, body.as_bytes());
        assert_eq!(
            (call.function.as_deref(), call.action.as_str(), call.resource.as_str()),
            (Some("AuthFunction"), "TransactWriteItems", "a,b")
        );
        let presigned = parts(
            "PUT",
            "/bucket/a/b?X-Amz-Credential=UploadsFunction%2F20261120%2Fus-east-1%2Fs3%2Faws4_request",
            &[],
        );
        assert_eq!(service(&presigned), Some(Service::S3));
        let call = Call::of_s3(&presigned);
        assert_eq!(
            (call.function.as_deref(), call.action.as_str(), call.resource.as_str()),
            (Some("UploadsFunction"), "PutObject", "bucket/a/b")
        );
    }

    #[test]
    fn an_asymmetric_signature_has_no_region_in_its_scope() {
        let signed = "AWS4-ECDSA-P256-SHA256 Credential=EdgeSync/20261120/cloudfront-keyvaluestore/aws4_request, SignedHeaders=host, Signature=x";
        let parts = parts(
            "PUT",
            "/key-value-stores/arn%3Aaws%3Acloudfront%3A%3A0%3Akey-value-store%2Fid/keys/blog",
            &[("authorization", signed)],
        );
        assert_eq!(service(&parts), Some(Service::KeyValueStore));
        let call = Call::of_json(Service::KeyValueStore, &parts, b"{}");
        assert_eq!(
            (call.action.as_str(), call.resource.as_str()),
            ("PutKey", "arn:aws:cloudfront::0:key-value-store/id")
        );
    }
}
