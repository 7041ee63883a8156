//! What the repository's commands cannot do.

use std::fs;
use std::time::{Duration, Instant};

use super::place::{Place, eventually};

#[test]
fn a_command_runs_as_another_user_without_rights_in_the_checkout() {
    let place = Place::new();
    let said = place.sh("id -u; id -g; id -G; pwd; grep -E 'CapEff|CapPrm|NoNewPrivs' /proc/self/status | tr '\\t' ' '; touch mine && echo written");
    assert_eq!(
        said,
        [
            "1001",
            "1001",
            "1001",
            "/build/source",
            "CapPrm: 0000000000000000",
            "CapEff: 0000000000000000",
            "NoNewPrivs: 1",
            "written"
        ]
    );
    assert!(place.jail.checkout().join("mine").exists());
}

#[test]
fn as_root_the_user_is_really_another_one() {
    use std::os::unix::fs::MetadataExt;
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let place = Place::new();
    place.sh("touch mine");
    assert_eq!(fs::metadata(place.jail.checkout().join("mine")).unwrap().uid(), 1001);
}

#[test]
fn a_command_sees_no_file_of_the_machine_beside_the_toolchain() {
    let place = Place::new();
    let secret = place.directory.path().join("secret");
    fs::write(&secret, "hidden").unwrap();
    fs::write(place.directory.path().join("work/token"), "hidden").unwrap();
    let secret = secret.display();
    let said = place.sh(&format!(
        "cat {secret} ../token /build/token /etc/shadow 2>/dev/null; ls -A / /build /root /home /var /run/* /work 2>/dev/null; cat /etc/passwd"
    ));
    let text = said.join("\n");
    assert!(!text.contains("hidden"), "{text}");
    for name in
        ["accounts", "spool", "authorized_keys", "shadow", "\nsys", "\nboot", "\nopt", "\nvar", "\nroot\n", "docker"]
    {
        assert!(!text.contains(name), "{name}: {text}");
    }
    assert!(text.contains("build:x:1001"), "{text}");
}

#[test]
fn a_command_sees_neither_processes_nor_variables_of_the_builder() {
    let place = Place::new();
    let mine = std::process::id();
    let said = place.sh(&format!(
        "test -e /proc/{mine}/environ && readlink /proc/{mine}/exe | grep -v -e sh -e slipway; ls /proc | grep -c '^[0-9]'; cat /proc/1/environ 2>/dev/null | tr '\\0' '\\n'; echo; env | cut -d= -f1 | sort | tr '\\n' ' '"
    ));
    let processes: usize = said[0].parse().unwrap_or_else(|_| panic!("{said:?}"));
    assert!(processes < 10, "{said:?}");
    let names: Vec<&str> = said[said.len() - 1].split_whitespace().collect();
    for name in &names {
        let known = ["CI", "HOME", "LANG", "PATH", "PWD", "SLIPWAY", "_", "OLDPWD", "SHLVL"];
        assert!(known.contains(name) || name.starts_with("npm_config_"), "{names:?}");
    }
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn a_command_cannot_change_the_system_or_signal_the_builder() {
    let place = Place::new();
    let mine = std::process::id();
    let said = place.sh(&format!(
        "for f in /usr/x /etc/x /x /run/x /proc/sys/kernel/core_pattern /run/slipway-builder /etc/passwd; do (echo x > $f) 2>/dev/null && echo wrote $f; done; \
         kill -9 {mine} 2>/dev/null && echo killed; mount -t tmpfs none /usr 2>/dev/null && echo mounted; echo end"
    ));
    assert_eq!(said, ["end"]);
}

#[test]
fn variables_reach_the_command_but_not_bubblewrap_and_do_not_replace_what_is_fixed() {
    let place = Place::new();
    let mut step = place.step("echo $MINE $HOME; echo ${PATH##*:}");
    let variables = [("MINE", "yes"), ("HOME", "/elsewhere"), ("PATH", "/build/source"), ("SLIPWAY", "0")];
    step.variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let ended = place.jail.run(&step, None).unwrap();
    assert_eq!(ended.stdout.last(2), ["yes /build/home", "/bin"]);

    step.variables = [("LD_PRELOAD".to_owned(), "/build/source/evil.so".to_owned())].into();
    let ended = place.jail.run(&step, None).unwrap();
    // The loader of each program inside complains; were it to reach bubblewrap, the path would not exist there at all.
    assert!(ended.is_success());
}

#[test]
fn what_a_command_leaves_behind_is_dead_when_the_command_has_ended() {
    let place = Place::new();
    let begun = Instant::now();
    place.sh("(setsid sh -c 'trap \"\" TERM HUP; while :; do date +%s%N > beat; done' >/dev/null 2>&1 &) ; until test -s beat; do :; done");
    let beat = place.jail.checkout().join("beat");
    let last = fs::read(&beat).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30));
    for _ in 0..50 {
        std::thread::yield_now();
        assert_eq!(fs::read(&beat).unwrap(), last);
    }
}

#[test]
fn a_command_that_ignores_its_deadline_is_killed_with_all_its_children() {
    let place = Place::new();
    let mut step =
        place.step("trap '' TERM INT HUP; for i in 1 2 3; do (while :; do :; done) & done; while :; do :; done");
    step.deadline = Instant::now() + Duration::from_millis(500);
    let begun = Instant::now();
    let ended = place.jail.run(&step, None).unwrap();
    assert_eq!(ended.code, None);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn exit_codes_and_signals_are_told_as_a_shell_tells_them() {
    let place = Place::new();
    let code = |text: &str| place.jail.run(&place.step(text), None).unwrap().code;
    assert_eq!(code("exit 7"), Some(7));
    assert_eq!(code("kill -9 $$"), Some(137));
    assert_eq!(code("no-such-program"), Some(127));
}

#[test]
fn a_machine_that_cannot_isolate_builds_nothing_and_says_what_to_install() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = super::place::config(directory.path(), "http://127.0.0.1:9");
    config.path = "/nonexistent".to_owned();
    let error = builder::jail::Jail::prepare(&config, &builder::jail::Children::default()).err().unwrap().to_string();
    assert!(error.contains("apt-get install bubblewrap"), "{error}");
}

#[test]
fn sigterm_ends_the_builder_and_its_command() {
    let git = super::git_server::GitServer::start();
    let package = r#"{"scripts":{"build":"echo started; while :; do :; done"}}"#;
    let commit = git.commit("app", &[("package.json", package)]);
    let api = super::fake_api::FakeApi::start(Some(super::deploy::job(&git.url("app"), &commit)));
    let work = tempfile::tempdir().unwrap();
    let mut child = super::deploy::command(work.path(), &api).spawn().unwrap();
    eventually("the build has started", || api.log_text().contains("Stdout started"));
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
}
