use domain::{Creator, Deployment, Environment};
use serde_json::json;

use crate::making::{deployment, valid};

#[test]
fn a_creator_is_a_persons_identifier_or_a_push() {
    let person = "01m7wd45a00kw9jvd7cevtjtdh";
    assert_eq!(valid::<Creator>(person), Creator::Person(valid(person)));
    assert_eq!(valid::<Creator>("push"), Creator::Push(None));
    assert_eq!(valid::<Creator>("push:dependabot[bot]"), Creator::Push(Some(valid("dependabot[bot]"))));
    for wrong in ["", "push:", "push: a", "Push", "pull:a", "octocat"] {
        assert!(wrong.parse::<Creator>().is_err(), "{wrong:?}");
    }
}

#[test]
fn a_record_of_the_time_before_pushes_reads_as_a_persons() {
    let user = "01m7wd45a00kw9jvd7cevtjtdh";
    let mut record = serde_json::to_value(deployment(1, Environment::Production)).unwrap();
    record["created_by"] = json!(user);
    let read: Deployment = serde_json::from_value(record).unwrap();
    assert_eq!(read.created_by, Creator::Person(valid(user)));
}
