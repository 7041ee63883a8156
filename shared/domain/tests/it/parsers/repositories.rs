use domain::{RepositoryPolicy, RepositoryUrl};
use proptest::prelude::*;

use super::reads_back;
use crate::making::{cases, valid};

/// Each of these once made some program do what its owner did not mean.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "github.com/owner/name",
    "//github.com/owner/name",
    "https:github.com/owner/name",
    "https:/github.com/owner/name",
    "https:///github.com/owner/name",
    "https://",
    "https:///",
    "https://github.com",
    "https://github.com/",
    "https://github.com/owner",
    "https://github.com/owner/",
    // another transport than https
    "ext::sh -c touch%20/tmp/x",
    "ext::sh",
    "EXT::sh",
    "Ext::https://github.com/owner/name",
    "fd::17/foo",
    "transport::address",
    "file:///etc",
    "FILE:///etc",
    "file://github.com/owner/name",
    "/etc",
    "./owner/name",
    "../owner/name",
    "C:\\owner\\name",
    "ssh://github.com/owner/name",
    "ssh://git@github.com/owner/name",
    "git://github.com/owner/name",
    "git@github.com:owner/name.git",
    "github.com:owner/name",
    "http://github.com/owner/name",
    "ftp://github.com/owner/name",
    "ftps://github.com/owner/name",
    "javascript://github.com/owner/name",
    "data:text/plain,x",
    // an option
    "-",
    "--upload-pack=touch /tmp/x",
    "--upload-pack=x",
    "-oProxyCommand=x",
    "https://-oProxyCommand=x/owner/name",
    "https://github.com/-owner/name",
    "https://github.com/owner/-name",
    "https://github.com/owner/--upload-pack=x",
    // credentials, or a host that only looks like the host
    "https://user@github.com/owner/name",
    "https://user:password@github.com/owner/name",
    "https://:@github.com/owner/name",
    "https://@github.com/owner/name",
    "https://github.com@evil.example.org/owner/name",
    "https://github.com\\@evil.example.org/owner/name",
    "https://github.com#@evil.example.org/owner/name",
    "https://github.com?@evil.example.org/owner/name",
    "https://github.com\\owner\\name",
    // not a plain name
    "https://gïthub.com/owner/name",
    "https://github.com/öwner/name",
    "https://ｇithub.com/owner/name",
    "https://github。com/owner/name",
    "https://github.com%2eevil.example.org/owner/name",
    "https://%67ithub.com/owner/name",
    "https://github.com./owner/name",
    "https://github.com../owner/name",
    "https://.github.com/owner/name",
    "https://git_hub.com/owner/name",
    "https://-github.com/owner/name",
    "https://github-.com/owner/name",
    "https://github/owner/name",
    "https://*.github.com/owner/name",
    // an address, in any spelling
    "https://127.0.0.1/owner/name",
    "https://127.1/owner/name",
    "https://2130706433/owner/name",
    "https://0x7f000001/owner/name",
    "https://0x7f.0.0.1/owner/name",
    "https://0177.0.0.1/owner/name",
    "https://017700000001/owner/name",
    "https://0/owner/name",
    "https://0.0.0.0/owner/name",
    "https://10.0.0.1/owner/name",
    "https://169.254.169.254/latest/meta-data",
    "https://169.254.170.2/v2/credentials",
    "https://2852039166/latest/meta-data",
    "https://1.2.3/owner/name",
    "https://1.2.3.4.5/owner/name",
    "https://[::1]/owner/name",
    "https://[::ffff:127.0.0.1]/owner/name",
    "https://[fd00:ec2::254]/latest/meta-data",
    "https://[fe80::1%25eth0]/owner/name",
    // this machine or its network
    "https://localhost/owner/name",
    "https://LOCALHOST/owner/name",
    "https://a.localhost/owner/name",
    "https://printer.local/owner/name",
    "https://metadata.google.internal/owner/name",
    "https://a.test/owner/name",
    "https://a.invalid/owner/name",
    "https://1.0.0.127.in-addr.arpa/owner/name",
    // ports
    "https://github.com:22/owner/name",
    "https://github.com:8443/owner/name",
    "https://github.com:65536/owner/name",
    "https://github.com:-1/owner/name",
    "https://github.com:443x/owner/name",
    // paths
    "https://github.com/owner/../name",
    "https://github.com/owner/name/..",
    "https://github.com/owner/name/.",
    "https://github.com/./owner/name",
    "https://github.com/../../owner/name",
    "https://github.com/owner/..name",
    "https://github.com/owner/.name",
    "https://github.com/owner/%2e%2e/name",
    "https://github.com/owner/name%00",
    "https://github.com/owner//name",
    "https://github.com//owner/name",
    "https://github.com/owner/name//",
    "https://github.com/owner/.git",
    "https://github.com/owner/na me",
    "https://github.com/owner/na:me",
    "https://github.com/owner/name?service=x",
    "https://github.com/owner/name#main",
    "https://github.com/owner/name;x",
    "https://github.com/owner/name&x",
    "https://github.com/owner/$(x)",
    "https://github.com/owner/`x`",
    "https://github.com/owner/'name'",
    "https://github.com/owner/\"name\"",
    "https://github.com/owner/name|x",
    "https://github.com/owner/<name>",
    "https://github.com/owner/{name}",
    "https://github.com/owner/*",
    // what a parser drops without a word
    " https://github.com/owner/name",
    "https://github.com/owner/name ",
    "\thttps://github.com/owner/name",
    "https://github.com/owner/name\n",
    "https://github.com/owner/name\nx",
    "https://git\nhub.com/owner/name",
    "ht\ttps://github.com/owner/name",
    "https://github.com/owner/name\r\nHost: x",
    "https://github.com/owner/name\0",
    "\0https://github.com/owner/name",
    "https://github.com/owner/name\u{7f}",
    "https://github.com/owner/\u{202e}name",
    "https://github.com/owner/name\u{200b}",
    // the laptop's own form, spelled otherwise
    "http://127.0.0.1/name",
    "http://127.0.0.1:80/name",
    "http://127.1:8788/name",
    "http://2130706433:8788/name",
    "http://0x7f.0.0.1:8788/name",
    "http://127.0.0.2:8788/name",
    "http://localhost:8788/name",
    "http://[::1]:8788/name",
    "http://user@127.0.0.1:8788/name",
    "http://127.0.0.1:8788/",
    "http://127.0.0.1:8788/../name",
];

#[test]
fn hostile_addresses_are_refused() {
    let accepted: Vec<_> = HOSTILE.iter().filter(|text| text.parse::<RepositoryUrl>().is_ok()).collect();
    assert!(accepted.is_empty(), "{accepted:#?}");
    assert!(format!("https://github.com/owner/{}", "n".repeat(300)).parse::<RepositoryUrl>().is_err());
}

#[test]
fn plain_addresses_are_rebuilt_from_their_parts() {
    let cases = [
        ("https://github.com/owner/name", "https://github.com/owner/name"),
        ("https://github.com/owner/name.git", "https://github.com/owner/name"),
        ("https://github.com/owner/name/", "https://github.com/owner/name"),
        ("HTTPS://GitHub.com/Owner/Name", "https://github.com/Owner/Name"),
        ("https://github.com:443/owner/name", "https://github.com/owner/name"),
        ("https://gitlab.com/group/sub.group/name_1", "https://gitlab.com/group/sub.group/name_1"),
        ("https://git.sr.ht/~owner/name", "https://git.sr.ht/~owner/name"),
        ("http://127.0.0.1:8788/name.git", "http://127.0.0.1:8788/name"),
    ];
    for (text, rebuilt) in cases {
        assert_eq!(reads_back::<RepositoryUrl>(text).as_deref(), Some(rebuilt), "{text}");
    }
}

#[test]
fn an_address_that_ends_in_git_twice_is_refused() {
    // Rebuilt without its ending it would be read back as another repository.
    assert_eq!(reads_back::<RepositoryUrl>("https://github.com/owner/name.git.git"), None);
}

#[test]
fn only_hosts_that_the_installation_names_are_cloned_from() {
    let policy = |allow_loopback| RepositoryPolicy { hosts: vec!["github.com".into()], allow_loopback };
    let github: RepositoryUrl = valid("https://github.com/owner/name");
    let loopback: RepositoryUrl = valid("http://127.0.0.1:8788/name");
    assert!(policy(false).check(&github).is_ok());
    assert!(policy(false).check(&loopback).is_err());
    assert!(policy(true).check(&loopback).is_ok());
    for other in ["https://github.com.evil.org/owner/name", "https://agithub.com/o/n", "https://gist.github.com/o/n"] {
        let refused = policy(true).check(&valid(other)).unwrap_err();
        assert!(refused.to_string().contains("github.com"), "{refused}");
    }
}

/// Whether git can read it in one way only.
fn is_plain(rebuilt: &str) -> bool {
    let Some((origin, path)) = rebuilt
        .split_once("://")
        .and_then(|(scheme, rest)| rest.split_once('/').map(|(host, path)| ((scheme, host), path)))
    else {
        return false;
    };
    let host_is_plain = match origin {
        ("https", host) => {
            host.contains('.') && host.bytes().all(|byte| b"abcdefghijklmnopqrstuvwxyz0123456789-.".contains(&byte))
        }
        ("http", host) => host.strip_prefix("127.0.0.1:").is_some_and(|port| port.parse::<u16>().is_ok()),
        _ => false,
    };
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['-', '.'])
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+".contains(&byte))
    };
    host_is_plain && path.split('/').all(part)
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn whatever_is_accepted_is_a_plain_address(
        text in r"(https|HTTPS|http|ssh|ext:|file)://([a-z0-9@:.\[\]%-]{1,12}|github\.com|127\.0\.0\.1:8788)(/[a-zA-Z0-9.~+@%_\-]{0,6}){0,4}(\.git){0,2}[/?#.]?"
    ) {
        if let Some(rebuilt) = reads_back::<RepositoryUrl>(&text) {
            prop_assert!(is_plain(&rebuilt), "{} became {}", text, rebuilt);
            let written = text.to_ascii_lowercase().replace(":443/", "/");
            let written = written.strip_suffix('/').unwrap_or(&written);
            prop_assert_eq!(written.strip_suffix(".git").unwrap_or(written), rebuilt.to_ascii_lowercase());
        }
    }

    #[test]
    fn one_character_more_does_not_make_a_plain_address_hostile(at in 0_usize..30, more in any::<char>()) {
        let mut text = "https://github.com/owner/name".to_owned();
        text.insert(at.min(text.len()), more);
        if let Some(rebuilt) = reads_back::<RepositoryUrl>(&text) {
            prop_assert!(is_plain(&rebuilt), "{:?} became {}", text, rebuilt);
        }
    }
}
