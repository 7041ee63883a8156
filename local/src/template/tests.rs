use std::collections::BTreeMap;
use std::time::Duration;

use super::*;

fn addresses() -> Addresses {
    Addresses { public: "127.0.0.1:8080".parse().unwrap(), aws: "127.0.0.1:4566".parse().unwrap() }
}

fn parse_with(source: &str, parameters: &[(&str, &str)]) -> Result<Template, TemplateError> {
    let parameters = parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Template::parse(source, "template.yaml", &parameters, addresses())
}

fn parse(source: &str) -> Template {
    parse_with(source, &[]).unwrap()
}

fn refusal(source: &str) -> String {
    Template::parse(source, "template.yaml", &BTreeMap::new(), addresses()).unwrap_err().to_string()
}

const FUNCTION: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 10
    Runtime: provided.al2023
    Environment:
      Variables: { SHARED: all, TABLE: none }
Resources:
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  Dead:
    Type: AWS::SQS::Queue
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token:
            FunctionArn: !GetAtt Thing.Arn
            AuthorizerPayloadFormatVersion: 2.0
            EnableSimpleResponses: true
            Identity: { Headers: [Authorization], ReauthorizeEvery: 0 }
  Thing:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/thing/
      Handler: bootstrap
      Policies: [!Ref NobodyAsksForThis]
      DeadLetterQueue: { Type: SQS, TargetArn: !GetAtt Dead.Arn }
      Environment:
        Variables:
          TABLE: !Ref Things
          ENDPOINT: !Sub '${Api.ApiEndpoint}/v1'
      FunctionUrlConfig: { AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM }
      Events:
        List: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /things, Method: get } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /open, Method: get, Auth: { Authorizer: NONE } } }
        Ecs: { Type: EventBridgeRule, Properties: { Pattern: { source: [aws.ecs] }, DeadLetterConfig: { Arn: !GetAtt Dead.Arn } } }
        Tick: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(5 minutes) } }
Outputs:
  Url: { Value: !GetAtt ThingUrl.FunctionUrl }
";

#[test]
fn a_function_is_read_with_globals_events_and_references() {
    let template = parse(FUNCTION);
    let function = &template.functions[0];
    assert_eq!((function.id.as_str(), function.name.as_str()), ("Thing", "slipway-Thing"));
    assert_eq!(function.arn, "arn:aws:lambda:us-east-1:000000000000:function:slipway-Thing");
    assert_eq!(function.timeout, Duration::from_secs(10));
    assert_eq!(function.environment["TABLE"], "slipway-things");
    assert_eq!(function.environment["SHARED"], "all");
    assert_eq!(function.environment["ENDPOINT"], "http://127.0.0.1:8080/v1");
    assert_eq!(function.dead_letters.as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:slipway-dead"));
    assert_eq!(function.routes[0].method, "GET");
    assert_eq!(function.routes[1].authorizer.as_deref(), Some("NONE"));
    assert_eq!(function.rules.len(), 1);
    assert_eq!(function.schedules.len(), 1);
    assert!(function.url.as_ref().unwrap().streaming);
    assert_eq!(template.outputs["Url"], "http://thing.lambda-url.us-east-1.localhost:4566/");
    assert_eq!(template.apis[0].authorizers["Token"].headers, ["authorization"]);
    assert_eq!(template.tables[0]["TableName"], "slipway-things");
}

#[test]
fn every_intrinsic_gives_what_cloudformation_gives() {
    let template = parse(
        "\
Parameters:
  Stage: { Type: String, Default: dev }
  Names: { Type: CommaDelimitedList, Default: 'a, b' }
Mappings:
  Sizes: { dev: { memory: 256 } }
Conditions:
  Dev: !Equals [!Ref Stage, dev]
  Prod: !Not [{ Condition: Dev }]
  Both: !And [!Condition Dev, !Or [!Condition Prod, !Equals [a, a]]]
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f
      MemorySize: !FindInMap [Sizes, !Ref Stage, memory]
      ReservedConcurrentExecutions: !If [Prod, 5, !Ref AWS::NoValue]
      Environment:
        Variables:
          IF: !If [Both, yes-indeed, 'no']
          JOIN: !Join ['-', [a, !Ref Stage, 'c']]
          SELECT: !Select [1, !Ref Names]
          SPLIT: !Select [2, !Split ['/', 'http://host/path']]
          SUB: !Sub ['${x}-${AWS::Region}-${!literal}', { x: !Ref Stage }]
          LONG: { 'Fn::Join': ['', ['a', { Ref: 'AWS::AccountId' }]] }
          NUMBER: 2.0
          LOGICAL: true
  Never:
    Type: AWS::S3::Bucket
    Condition: Prod
",
    );
    let function = &template.functions[0];
    let expected = [
        ("IF", "yes-indeed"),
        ("JOIN", "a-dev-c"),
        ("LOGICAL", "true"),
        ("LONG", "a000000000000"),
        ("NUMBER", "2.0"),
        ("SELECT", "b"),
        ("SPLIT", "host"),
        ("SUB", "dev-us-east-1-${literal}"),
    ];
    for (name, value) in expected {
        assert_eq!(function.environment[name], value, "{name}");
    }
    assert_eq!((function.memory_mb, function.concurrency), (256, None));
    assert!(template.buckets.is_empty());
}

#[test]
fn what_is_not_supported_names_the_line() {
    let table = [
        ("Resources:\n  A:\n    Type: AWS::RDS::DBInstance\n", "template.yaml:3: ", "AWS::RDS::DBInstance"),
        (
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      NotificationConfiguration: {}\n",
            "template.yaml:5: ",
            "NotificationConfiguration",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    CreationPolicy: {}\n",
            "template.yaml:4: ",
            "CreationPolicy",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a\n      Layers: [b]\n",
            "template.yaml:6: ",
            "Layers",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a\n      Events:\n        Q:\n          Type: SQS\n          Properties: {}\n",
            "template.yaml:8: ",
            "type SQS",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a\n      Description: !Cidr [a, 1, 2]\n",
            "template.yaml:6: ",
            "Cidr",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: !Ref Nothing\n",
            "template.yaml:5: ",
            "`Nothing`",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: !ImportValue x\n",
            "template.yaml:5: ",
            "ImportValue",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a\n      Events:\n        R: { Type: HttpApi, Properties: { Path: /a, Method: get, Auth: { Authorizer: X } } }\n",
            "template.yaml:7: ",
            "authorizer `X`",
        ),
        ("Hooks: {}\nResources: {}\n", "template.yaml:1: ", "Hooks"),
        (
            "Resources:\n  A: { Type: AWS::S3::Bucket }\n  A: { Type: AWS::S3::Bucket }\n",
            "template.yaml:3: ",
            "second time",
        ),
        ("Globals:\n  Api: {}\nResources: {}\n", "template.yaml:2: ", "Globals.Api"),
        (
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: { BucketName: !Ref A }\n",
            "template.yaml:",
            "refers to itself",
        ),
    ];
    for (source, line, words) in table {
        let message = refusal(source);
        assert!(message.starts_with(line) && message.contains(words), "{message}\n{source}");
    }
}

#[test]
fn parameters_are_checked_and_missing_ones_named() {
    let source = "\
Parameters:
  One: { Type: String }
  Two: { Type: String }
  Three: { Type: String, Default: abc, AllowedPattern: '[a-z]+' }
  Four: { Type: Number, Default: 1, MaxValue: 5 }
Resources: {}
";
    assert_eq!(refusal(source), "the template needs values for: One, Two. Give each with --parameter NAME=VALUE");
    let given = |extra: (&'static str, &'static str)| {
        parse_with(source, &[("One", "1"), ("Two", "2"), extra]).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(given(("Three", "xyz")), Ok(()));
    assert_eq!(given(("Three", "a1")), Err("template.yaml:4: the value `a1` does not match [a-z]+".to_owned()));
    assert_eq!(given(("Four", "6")), Err("template.yaml:5: the value `6` is above 5".to_owned()));
    assert!(given(("Five", "x")).unwrap_err().contains("no parameter of this name"));
}

#[test]
fn a_distribution_leads_from_the_viewer_to_a_function_url() {
    let template = parse(
        "\
Resources:
  Site:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: site, FunctionUrlConfig: { AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM } }
  Store: { Type: AWS::CloudFront::KeyValueStore, Properties: { Name: sites } }
  Viewer:
    Type: AWS::CloudFront::Function
    Properties:
      Name: viewer
      FunctionCode: function handler(event) { return event.request }
      FunctionConfig:
        Comment: x
        Runtime: cloudfront-js-2.0
        KeyValueStoreAssociations: [{ KeyValueStoreARN: !GetAtt Store.Arn }]
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: site
            DomainName: !Select [2, !Split ['/', !GetAtt SiteUrl.FunctionUrl]]
        DefaultCacheBehavior:
          TargetOriginId: site
          ViewerProtocolPolicy: redirect-to-https
          FunctionAssociations: [{ EventType: viewer-request, FunctionARN: !GetAtt Viewer.FunctionARN }]
",
    );
    let distribution = &template.distributions[0];
    assert_eq!(distribution.origin, template.functions[0].url.as_ref().unwrap().domain);
    assert_eq!(distribution.viewer_request.as_deref(), Some(template.edge_functions[0].arn.as_str()));
    assert_eq!(template.edge_functions[0].store.as_deref(), Some(template.key_value_stores[0].as_str()));
    assert_eq!(distribution.methods, ["GET", "HEAD"]);
}
