use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use serde_json::{Value, json};

use super::DynamoDb;
use crate::aws::{Error, testing};

fn table() -> Value {
    json!({
        "TableName": "deployments",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
        "AttributeDefinitions": [
            { "AttributeName": "sk", "AttributeType": "S" },
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "repo", "AttributeType": "S" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-repo",
            "KeySchema": [{ "AttributeName": "repo", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }],
        "TimeToLiveSpecification": { "AttributeName": "expires", "Enabled": true },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
        "DeletionProtectionEnabled": true,
    })
}

async fn client(database: &DynamoDb) -> Client {
    let database = database.clone();
    let answer = move |request| {
        let database = database.clone();
        async move { database.handle(request).await }
    };
    Client::new(&testing::sdk(&testing::serve(answer).await, "key", "secret"))
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn item(pk: &str, repo: &str) -> Put {
    let put = Put::builder().table_name("deployments").item("pk", text(pk)).item("sk", text("1"));
    put.item("repo", text(repo)).condition_expression("attribute_not_exists(pk)").build().unwrap()
}

#[tokio::test]
async fn items_conditions_transactions_and_indexes_work_and_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let database = DynamoDb::open(dir.path(), &[table()]).unwrap();
    let dynamo = client(&database).await;
    let put = |status: &str| {
        let put = dynamo.put_item().table_name("deployments").item("pk", text("a")).item("sk", text("1"));
        put.item("status", text(status)).item("repo", text("r1")).condition_expression("attribute_not_exists(pk)")
    };
    put("queued").send().await.unwrap();

    let old = ReturnValuesOnConditionCheckFailure::AllOld;
    let refused = put("ready").return_values_on_condition_check_failure(old).send().await.unwrap_err();
    let refused = refused.into_service_error();
    assert!(refused.is_conditional_check_failed_exception(), "{refused:?}");
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(refused) = refused else {
        unreachable!()
    };
    assert_eq!(refused.item().unwrap()["status"], text("queued"));

    let check = ConditionCheck::builder().table_name("deployments").key("pk", text("nobody")).key("sk", text("1"));
    let check = check.condition_expression("attribute_exists(pk)").build().unwrap();
    let canceled = dynamo
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(item("b", "r1")).build())
        .transact_items(TransactWriteItem::builder().condition_check(check).build())
        .send()
        .await
        .unwrap_err();
    let SdkError::ServiceError(canceled) = canceled else { panic!("{canceled:?}") };
    let TransactWriteItemsError::TransactionCanceledException(canceled) = canceled.err() else {
        panic!("{canceled:?}")
    };
    let codes: Vec<_> = canceled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);

    let both = dynamo
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(item("b", "r1")).build())
        .transact_items(TransactWriteItem::builder().put(item("c", "r2")).build());
    both.send().await.unwrap();

    let by_repo = |dynamo: &Client| {
        let query = dynamo.query().table_name("deployments").index_name("by-repo");
        query.key_condition_expression("repo = :r").expression_attribute_values(":r", text("r1")).send()
    };
    assert_eq!(by_repo(&dynamo).await.unwrap().count(), 2);

    // A process that dies does not close anything either: nothing is dropped before the second opening.
    let again = DynamoDb::open(dir.path(), &[table()]).unwrap();
    assert_eq!(by_repo(&client(&again).await).await.unwrap().count(), 2);
    let expiry = dynamo.describe_time_to_live().table_name("deployments").send().await.unwrap();
    assert_eq!(expiry.time_to_live_description().unwrap().attribute_name(), Some("expires"));
}

#[test]
fn a_table_with_another_schema_is_an_error_that_names_the_difference() {
    let dir = tempfile::tempdir().unwrap();
    DynamoDb::open(dir.path(), &[table()]).unwrap();
    let mut changed = table();
    changed["GlobalSecondaryIndexes"][0]["Projection"]["ProjectionType"] = json!("KEYS_ONLY");
    let Err(error) = DynamoDb::open(dir.path(), &[changed]) else { panic!("the schema differs") };
    assert!(matches!(&error, Error::Schema { table, .. } if table == "deployments"));
    assert!(error.to_string().contains("KEYS_ONLY"), "{error}");
}

#[tokio::test]
async fn wrong_requests_are_refused_in_dynamodbs_words() {
    let dir = tempfile::tempdir().unwrap();
    let dynamo = client(&DynamoDb::open(dir.path(), &[table()]).unwrap()).await;
    let missing = dynamo.get_item().table_name("nothing").key("pk", text("a")).send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
    let incomplete = dynamo.put_item().table_name("deployments").item("pk", text("a")).send().await.unwrap_err();
    let SdkError::ServiceError(incomplete) = incomplete else { panic!("{incomplete:?}") };
    assert_eq!(incomplete.raw().status().as_u16(), 400);
    assert_eq!(incomplete.err().meta().code(), Some("ValidationException"));
    let created = dynamo.delete_table().table_name("deployments").send().await.unwrap_err();
    assert_eq!(created.into_service_error().meta().code(), Some("UnknownOperationException"));
}
