//! Outputs that try to publish what is not theirs.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use builder::output::{Output, locate, walk};
use domain::deployment::{Failure, FailureCode};
use tempfile::TempDir;

fn output(fill: impl FnOnce(&Path)) -> (TempDir, Result<Vec<String>, Failure>) {
    of(false, fill)
}

fn of(is_source: bool, fill: impl FnOnce(&Path)) -> (TempDir, Result<Vec<String>, Failure>) {
    let outer = tempfile::tempdir().unwrap();
    fs::write(outer.path().join("secret"), "hidden").unwrap();
    let dist = outer.path().canonicalize().unwrap().join("dist");
    fs::create_dir(&dist).unwrap();
    fs::write(dist.join("index.html"), "hello").unwrap();
    fill(&dist);
    let found = walk(&Output { directory: dist, is_source });
    (outer, found.map(|found| found.iter().map(|found| found.path.to_string()).collect()))
}

fn refused(fill: impl FnOnce(&Path)) -> String {
    let (_outer, found) = output(fill);
    let failure = found.expect_err("it is refused");
    assert_eq!(failure.code, FailureCode::OutputRefused);
    failure.message
}

#[test]
fn links_that_leave_the_output_are_refused_by_name() {
    let targets =
        ["../secret", "/etc/passwd", "/proc/self/environ", "..", "/", "../../../../../../etc/shadow", "/dev/zero"];
    for target in targets {
        let message = refused(|dist| symlink(target, dist.join("evil.txt")).unwrap());
        assert!(message.contains("evil.txt (a link that leaves the output directory)"), "{target}: {message}");
    }
}

#[test]
fn a_link_through_a_link_cannot_leave_either() {
    let message = refused(|dist| {
        fs::create_dir(dist.join("a")).unwrap();
        symlink("../..", dist.join("a/up")).unwrap();
        symlink("a/up/secret", dist.join("evil.txt")).unwrap();
    });
    assert!(message.contains("evil.txt") && message.contains("a/up"), "{message}");
}

#[test]
fn cycles_dangling_links_pipes_sockets_and_odd_names_are_refused_together() {
    let mut listener = None;
    let message = refused(|dist| {
        fs::create_dir(dist.join("a")).unwrap();
        symlink("../a", dist.join("a/self")).unwrap();
        symlink("loop", dist.join("loop")).unwrap();
        symlink("nowhere", dist.join("dangling")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, dist.join("pipe"), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        listener = Some(UnixListener::bind(dist.join("socket")).unwrap());
        fs::write(dist.join(OsStr::from_bytes(b"not-\xff-utf8")), "").unwrap();
        fs::write(dist.join("back\\slash"), "").unwrap();
        fs::write(dist.join("new\nline"), "").unwrap();
    });
    let expected = [
        "a/self (a link to a directory that holds it)",
        "loop (a link to nothing)",
        "dangling (a link to nothing)",
        "pipe (a named pipe)",
        "socket (a socket)",
        "its name is not UTF-8",
        "back\\\\slash",
        "new\\nline",
    ];
    for text in expected {
        assert!(message.contains(text), "{text}: {message}");
    }
}

#[test]
fn two_directories_that_link_to_each_other_end_the_walk() {
    let message = refused(|dist| {
        for (one, other) in [("a", "b"), ("b", "a")] {
            fs::create_dir(dist.join(one)).unwrap();
            symlink(format!("../{other}"), dist.join(one).join("x")).unwrap();
        }
    });
    assert!(message.contains("a/x/x (a link to a directory that holds it)"), "{message}");
}

#[test]
fn a_long_list_of_refusals_is_cut() {
    let message = refused(|dist| (0..500).for_each(|n| symlink("/etc/passwd", dist.join(format!("l{n}"))).unwrap()));
    assert!(message.contains("and 490 more") && message.len() < 1_500, "{message}");
}

#[test]
fn links_within_the_output_are_copies() {
    let (_outer, found) = output(|dist| {
        fs::create_dir(dist.join("v1")).unwrap();
        fs::write(dist.join("v1/a.txt"), "a").unwrap();
        symlink("v1", dist.join("latest")).unwrap();
        symlink("v1/a.txt", dist.join("b.txt")).unwrap();
    });
    assert_eq!(found.unwrap(), ["b.txt", "index.html", "latest/a.txt", "v1/a.txt"]);
}

#[test]
fn a_links_copy_has_the_targets_bytes_and_not_those_of_a_link() {
    let outer = tempfile::tempdir().unwrap();
    let dist = outer.path().canonicalize().unwrap();
    fs::write(dist.join("a.txt"), "12345").unwrap();
    symlink("a.txt", dist.join("b.txt")).unwrap();
    let found = walk(&Output { directory: dist.clone(), is_source: false }).unwrap();
    assert_eq!((found[1].source.clone(), found[1].size), (dist.join("a.txt"), 5));
}

#[test]
fn git_data_is_never_published_and_a_source_trees_hidden_files_are_not() {
    let fill = |dist: &Path| {
        for name in [".git", "node_modules", ".well-known"] {
            fs::create_dir(dist.join(name)).unwrap();
            fs::write(dist.join(name).join("x"), "x").unwrap();
        }
        fs::write(dist.join(".env"), "SECRET=1").unwrap();
    };
    assert_eq!(of(true, fill).1.unwrap(), [".well-known/x", "index.html"]);
    assert_eq!(of(false, fill).1.unwrap(), [".env", ".well-known/x", "index.html", "node_modules/x"]);
    let (_outer, found) = of(true, |dist| {
        fill(dist);
        symlink(".git/x", dist.join("head.txt")).unwrap();
    });
    assert!(found.unwrap_err().message.contains("head.txt (a link to something that is not published)"));
}

#[test]
fn files_and_deployments_that_are_too_large_are_told_in_figures() {
    let sparse = |path: &Path, bytes: u64| fs::File::create(path).unwrap().set_len(bytes).unwrap();
    let (_outer, found) = output(|dist| sparse(&dist.join("film.mp4"), 100 * 1024 * 1024 * 1024));
    let failure = found.unwrap_err();
    assert_eq!(failure.code, FailureCode::OutputTooLarge);
    assert!(
        failure.message.contains("film.mp4 has 102400.0 MB; the most for one file is 100 MB"),
        "{}",
        failure.message
    );

    let (_outer, found) =
        output(|dist| (0..11).for_each(|n| sparse(&dist.join(format!("{n}.bin")), 100 * 1024 * 1024)));
    assert!(found.unwrap_err().message.contains("more than 1024 MB"));

    let (_outer, found) = output(|dist| (0..20_001).for_each(|n| fs::write(dist.join(format!("{n}")), "").unwrap()));
    assert!(found.unwrap_err().message.contains("more than 20000 files"));
}

fn located(files: &[&str], setting: Option<&str>, was_built: bool) -> Result<String, String> {
    let app = tempfile::tempdir().unwrap();
    let root = app.path().canonicalize().unwrap();
    for file in files {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), "x").unwrap();
    }
    symlink("/etc", root.join("etc")).unwrap();
    locate(&root, setting.map(|name| name.parse().unwrap()).as_ref(), was_built)
        .map(|output| output.directory.strip_prefix(&root).unwrap().display().to_string())
        .map_err(|failure| failure.message)
}

#[test]
fn the_output_directory_is_found_or_told() {
    assert_eq!(located(&["dist/index.html", "public/index.html"], None, true), Ok("dist".to_owned()));
    assert_eq!(located(&["out/a.html", "build/index.html"], None, true), Ok("build".to_owned()));
    assert_eq!(located(&["dist/a.js", "public/a"], None, true), Ok("dist".to_owned()));
    assert_eq!(located(&[".output/public/index.html"], None, true), Ok(".output/public".to_owned()));
    assert_eq!(located(&["index.html", "public/index.html"], None, false), Ok(String::new()));
    assert_eq!(located(&["readme", "public/index.html"], None, false), Ok("public".to_owned()));
    assert_eq!(located(&["www/a"], Some("www"), true), Ok("www".to_owned()));
    assert!(located(&["public/a"], None, true).unwrap_err().contains("set the project's output directory"));
    assert!(located(&[], Some("dist"), true).unwrap_err().contains("does not exist"));
    assert!(located(&[], Some("etc"), true).unwrap_err().contains("a link that leaves the repository"));
}
