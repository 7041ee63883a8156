use domain::webhook::{Recognised, Source};
use domain::{Sha256, UserId, Webhook};

use crate::making::{moment, project, valid};

const OWN: &str = "https://github.com/owner/name";

fn webhook(repository_id: Option<u64>) -> Webhook {
    Webhook {
        project: project().id,
        secret_sha256: Sha256::of(b"secret"),
        repository_id,
        repository: repository_id.map(|_| valid(OWN)),
        created_by: UserId::new(moment(0), 8),
        created_at: moment(0),
        revision: 1,
    }
}

fn source(id: u64, addresses: &[&str]) -> Source {
    Source { id, addresses: addresses.iter().map(|address| valid(address)).collect() }
}

#[test]
fn the_first_delivery_of_the_projects_repository_tells_its_number() {
    let first = webhook(None).recognise(&project(), &source(7, &["https://github.com/owner/name.git", OWN]));
    let Recognised::First(next) = first else { panic!("{first:?}") };
    assert_eq!(next, Webhook { revision: 2, ..webhook(Some(7)) });
    assert_eq!(next.recognise(&project(), &source(7, &[OWN])), Recognised::Known);
}

#[test]
fn a_renamed_repository_stays_the_projects() {
    let renamed = source(7, &["https://github.com/owner/renamed"]);
    assert_eq!(webhook(Some(7)).recognise(&project(), &renamed), Recognised::Known);
}

#[test]
fn a_later_repository_of_the_same_name_is_foreign() {
    assert_eq!(webhook(Some(7)).recognise(&project(), &source(8, &[OWN])), Recognised::Foreign);
}

#[test]
fn another_repository_is_foreign_and_tells_no_number() {
    let others = [
        &["https://github.com/owner/other"][..],
        &["https://github.com/owner/name/more"],
        &["https://gitlab.com/owner/name"],
        &[],
    ];
    for addresses in others {
        assert_eq!(webhook(None).recognise(&project(), &source(7, addresses)), Recognised::Foreign, "{addresses:?}");
    }
}

/// The number of the repository that the project had before counted for the one that it was given, whose own pushes were foreign.
#[test]
fn a_project_with_another_repository_is_told_that_ones_number() {
    let moved = domain::Project { repository: valid("https://github.com/owner/moved"), ..project() };
    let before = source(7, &[OWN]);
    assert_eq!(webhook(Some(7)).recognise(&moved, &before), Recognised::Foreign);
    let first = webhook(Some(7)).recognise(&moved, &source(9, &["https://github.com/owner/moved"]));
    let Recognised::First(next) = first else { panic!("{first:?}") };
    assert_eq!(next.repository_id, Some(9));
    assert_eq!(next.recognise(&moved, &before), Recognised::Foreign);
}
