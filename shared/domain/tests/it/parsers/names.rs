use domain::{Branch, Commit, Email, FilePath, Slug};

use super::reads_back;

#[test]
fn slugs_are_labels_that_leave_room_for_a_deployment_before_them() {
    let longest = "a".repeat(35);
    for good in ["a", "0", "my-site", "a-b-c", "xn-site", longest.as_str()] {
        assert!(good.parse::<Slug>().is_ok(), "{good}");
    }
    assert!(format!("{}--{longest}", "0".repeat(26)).len() <= 63);
    let long = "a".repeat(36);
    for bad in ["", "-a", "a-", "a--b", "A", "a.b", "a_b", "é", "www", "api", "a b", "a\n", long.as_str()] {
        assert!(bad.parse::<Slug>().is_err(), "{bad:?}");
    }
}

#[test]
fn a_branch_is_never_an_option_nor_a_path_out_of_refs_heads() {
    for good in ["main", "feature/x", "v1.2", "fix#12", "a@b", "été", "release-1"] {
        assert!(good.parse::<Branch>().is_ok(), "{good}");
    }
    let long = "a".repeat(201);
    let bad = [
        "",
        "-x",
        "--upload-pack=x",
        "/a",
        "a/",
        "a//b",
        "..",
        "a..b",
        ".a",
        "a/.b",
        "a.lock",
        "a.lock/b",
        "a.",
        "@",
        "a b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[",
        "a\\b",
        "a@{1}",
        "a\0",
        "a\n",
        "a\u{7f}",
        "a\u{202e}b",
        &long,
    ];
    for bad in bad {
        assert!(bad.parse::<Branch>().is_err(), "{bad:?}");
    }
}

#[test]
fn a_commit_is_a_full_lower_case_name_and_not_the_one_git_writes_for_none() {
    assert!("1".repeat(40).parse::<Commit>().is_ok());
    assert!("a".repeat(64).parse::<Commit>().is_ok());
    for bad in ["0".repeat(40), "0".repeat(64), "A".repeat(40), "a".repeat(39), "a".repeat(41), "g".repeat(40)] {
        assert!(bad.parse::<Commit>().is_err(), "{bad:?}");
    }
    assert!("HEAD".parse::<Commit>().is_err());
}

#[test]
fn a_file_path_stays_below_the_site() {
    for good in ["index.html", "a/b", "...", "a b/é", ".well-known/x", "a:b", "%2e%2e/x"] {
        assert!(good.parse::<FilePath>().is_ok(), "{good}");
    }
    let (longest, long) = ("a".repeat(1024), "a".repeat(1025));
    assert!(longest.parse::<FilePath>().is_ok());
    for bad in ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a\0", "a\u{85}", "a\nb", &long] {
        assert!(bad.parse::<FilePath>().is_err(), "{bad:?}");
    }
}

#[test]
fn email_addresses_are_told_apart_by_their_lower_case() {
    assert_eq!(reads_back::<Email>("Ada@Example.COM").as_deref(), Some("ada@example.com"));
    let long = format!("a@{}", "b".repeat(253));
    let bad = ["", "@", "a@", "@b", "a", "a@.b", "a@b.", "a @b", "a@b c", "a\n@b", "a@b\0", "a@\u{a0}b", &long];
    for bad in bad {
        assert_eq!(reads_back::<Email>(bad), None, "{bad:?}");
    }
}

#[test]
fn an_email_address_that_outgrows_its_limit_in_lower_case_is_refused() {
    // U+0130 has two bytes, its lower case three: what is stored has to be readable again.
    assert_eq!(reads_back::<Email>(&format!("{}@example.com", "İ".repeat(32))), None);
    assert!(reads_back::<Email>(&format!("{}@example.com", "İ".repeat(21))).is_some());
}
