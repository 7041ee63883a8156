//! What `Ref` and `GetAtt` give: real-looking names and ARNs, and the laptop's own addresses.

use super::resolver::Resolver;
use super::{ACCOUNT, Problem, REGION, STACK};

/// The value of a pseudo parameter (`AWS::NoValue` aside).
pub fn pseudo_parameter(name: &str) -> Option<&'static str> {
    Some(match name {
        "AWS::Region" => REGION,
        "AWS::AccountId" => ACCOUNT,
        "AWS::StackName" => STACK,
        "AWS::StackId" => {
            "arn:aws:cloudformation:us-east-1:000000000000:stack/slipway/00000000-0000-0000-0000-000000000000"
        }
        "AWS::Partition" => "aws",
        "AWS::URLSuffix" => "amazonaws.com",
        _ => return None,
    })
}

/// The property that names a resource of this type explicitly.
fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::Serverless::Function" => "FunctionName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::ECS::Cluster" => "ClusterName",
        "AWS::ECS::TaskDefinition" => "Family",
        "AWS::CloudFront::Function" | "AWS::CloudFront::KeyValueStore" => "Name",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::ECR::Repository" => "RepositoryName",
        "AWS::SNS::Topic" => "TopicName",
        _ => return None,
    })
}

impl Resolver<'_> {
    /// The name a resource has on AWS: the explicit one, else one made of stack and logical id.
    ///
    /// # Errors
    /// There is no such resource, or its name cannot be resolved.
    pub fn physical_name(&self, id: &str, line: usize) -> Result<String, Problem> {
        let resource = self.resource(id, line)?;
        if let Some(node) = name_property(&resource.kind).and_then(|name| resource.properties?.get(name))
            && let Some(name) = self.resolve(node)?
        {
            return name.as_text();
        }
        Ok(match resource.kind.as_str() {
            // Function names keep their case on AWS; the rest must be lower case in at least one service.
            "AWS::Serverless::Function" => format!("{STACK}-{id}"),
            _ => format!("{STACK}-{}", id.to_lowercase()),
        })
    }

    /// What `!Ref id` gives for a resource.
    ///
    /// # Errors
    /// There is no such resource.
    pub fn physical_reference(&self, id: &str, line: usize) -> Result<String, Problem> {
        if id == "ServerlessHttpApi" && !self.resources.contains_key(id) {
            return Ok("serverlesshttpapi".to_owned());
        }
        if let Some(function) = generated_by_function(self, id, "Role") {
            return Ok(format!("{STACK}-{function}Role"));
        }
        let kind = self.resource(id, line)?.kind.clone();
        let name = self.physical_name(id, line)?;
        Ok(match kind.as_str() {
            "AWS::SQS::Queue" => format!("http://{}/{ACCOUNT}/{name}", self.addresses.aws),
            "AWS::Serverless::HttpApi" => id.to_lowercase(),
            "AWS::ECS::TaskDefinition" | "AWS::SNS::Topic" => self.arn(&kind, &name, id),
            "AWS::CloudFront::Function" => self.arn(&kind, &name, id),
            "AWS::CloudFront::Distribution"
            | "AWS::CloudFront::CachePolicy"
            | "AWS::CloudFront::OriginRequestPolicy" => {
                format!("E{}", id.to_uppercase())
            }
            _ => name,
        })
    }

    /// What `!GetAtt id.attribute` gives.
    ///
    /// # Errors
    /// There is no such resource, or this platform knows no such attribute of it.
    pub fn attribute(&self, id: &str, attribute: &str, line: usize) -> Result<String, Problem> {
        if id == "ServerlessHttpApi" && attribute == "ApiEndpoint" && !self.resources.contains_key(id) {
            return Ok(format!("http://{}", self.addresses.public));
        }
        if attribute == "Arn"
            && let Some(function) = generated_by_function(self, id, "Role")
        {
            return Ok(format!("arn:aws:iam::{ACCOUNT}:role/{STACK}-{function}Role"));
        }
        if let Some(function) = generated_by_function(self, id, "Url") {
            return match attribute {
                "FunctionUrl" => Ok(format!("http://{}/", self.function_url_domain(function))),
                "FunctionArn" => self.attribute(function, "Arn", line),
                _ => Err(Problem::new(line, format!("a function URL has no attribute {attribute}"))),
            };
        }
        let kind = self.resource(id, line)?.kind.clone();
        let name = self.physical_name(id, line)?;
        let aws = self.addresses.aws;
        Ok(match (kind.as_str(), attribute) {
            ("AWS::ECS::TaskDefinition", "TaskDefinitionArn") | ("AWS::SNS::Topic", "TopicArn") => {
                self.arn(&kind, &name, id)
            }
            ("AWS::CloudFront::Function", "FunctionARN" | "FunctionMetadata.FunctionARN") => self.arn(&kind, &name, id),
            ("AWS::CloudFront::KeyValueStore", "Id") => identifier(&name),
            ("AWS::CloudFront::Distribution", "DomainName") => {
                format!("distribution.localhost:{}", self.addresses.public.port())
            }
            ("AWS::CloudFront::Distribution" | "AWS::CloudFront::CachePolicy", "Id")
            | ("AWS::CloudFront::OriginAccessControl" | "AWS::CloudFront::ResponseHeadersPolicy", "Id")
            | ("AWS::CloudFront::OriginRequestPolicy", "Id") => format!("E{}", id.to_uppercase()),
            ("AWS::S3::Bucket", "DomainName") => format!("{name}.s3.amazonaws.com"),
            ("AWS::S3::Bucket", "RegionalDomainName") => format!("{name}.s3.{REGION}.amazonaws.com"),
            ("AWS::SQS::Queue", "QueueName") => name,
            ("AWS::SQS::Queue", "QueueUrl") => format!("http://{aws}/{ACCOUNT}/{name}"),
            ("AWS::Serverless::HttpApi", "ApiEndpoint") => format!("http://{}", self.addresses.public),
            ("AWS::EC2::SecurityGroup", "GroupId") => format!("sg-{}", id.to_lowercase()),
            ("AWS::EC2::Subnet", "SubnetId") => format!("subnet-{}", id.to_lowercase()),
            ("AWS::EC2::VPC", "VpcId" | "DefaultSecurityGroup") => format!("vpc-{}", id.to_lowercase()),
            ("AWS::ECR::Repository", "RepositoryUri") => format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}"),
            (_, "Arn") => self.arn(&kind, &name, id),
            _ => return Err(Problem::new(line, format!("the attribute {attribute} of a {kind} is not supported"))),
        })
    }

    /// Host and port of a function's URL.
    pub fn function_url_domain(&self, id: &str) -> String {
        format!("{}.lambda-url.{REGION}.localhost:{}", id.to_lowercase(), self.addresses.aws.port())
    }

    fn arn(&self, kind: &str, name: &str, id: &str) -> String {
        match kind {
            "AWS::Serverless::Function" => format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
            "AWS::DynamoDB::Table" => format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"),
            "AWS::S3::Bucket" => format!("arn:aws:s3:::{name}"),
            "AWS::SQS::Queue" => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
            "AWS::SNS::Topic" => format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}"),
            "AWS::ECS::Cluster" => format!("arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{name}"),
            "AWS::ECS::TaskDefinition" => format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{name}:1"),
            "AWS::CloudFront::Function" => format!("arn:aws:cloudfront::{ACCOUNT}:function/{name}"),
            "AWS::CloudFront::KeyValueStore" => {
                format!("arn:aws:cloudfront::{ACCOUNT}:key-value-store/{}", identifier(name))
            }
            "AWS::CloudFront::Distribution" => {
                format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E{}", id.to_uppercase())
            }
            "AWS::Logs::LogGroup" => format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"),
            "AWS::IAM::Role" => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            "AWS::ECR::Repository" => format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"),
            other => {
                let service = other.split("::").nth(1).unwrap_or("local").to_lowercase();
                format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{name}")
            }
        }
    }
}

/// SAM makes a role and, if asked, a URL beside each function, named after it.
fn generated_by_function<'i>(resolver: &Resolver<'_>, id: &'i str, suffix: &str) -> Option<&'i str> {
    let function = id.strip_suffix(suffix)?;
    let resource = resolver.resources.get(function)?;
    (resource.kind == "AWS::Serverless::Function" && !resolver.resources.contains_key(id)).then_some(function)
}

/// A UUID-shaped identifier that stays the same for the same name (FNV-1a, twice).
fn identifier(name: &str) -> String {
    let hash =
        |seed: u64| name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hex = format!("{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(0x8422_2325_cbf2_9ce4));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
