use std::fs;

use domain::upload::BuildSettings;

use super::*;

fn plan(files: &[(&str, &str)], settings: &BuildSettings) -> Plan {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    Plan::of(directory.path(), settings).unwrap()
}

fn words(command: &Option<Vec<String>>) -> String {
    command.as_ref().map(|words| words.join(" ")).unwrap_or_default()
}

const BUILDS: (&str, &str) = ("package.json", r#"{"scripts":{"build":"x"}}"#);

#[test]
fn each_lockfile_names_its_manager_and_version() {
    let npx = |rest: &str| format!("npx --yes --package={rest}");
    let cases = [
        ("package-lock.json", "{}", "npm ci".to_owned(), "npm run build".to_owned()),
        ("npm-shrinkwrap.json", "{}", "npm ci".to_owned(), "npm run build".to_owned()),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\n",
            npx("pnpm@10 -- pnpm install --frozen-lockfile"),
            npx("pnpm@10 -- pnpm run build"),
        ),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: 5.4\n",
            npx("pnpm@7 -- pnpm install --frozen-lockfile"),
            npx("pnpm@7 -- pnpm run build"),
        ),
        (
            "yarn.lock",
            "# yarn lockfile v1\n",
            npx("yarn@1 -- yarn install --frozen-lockfile --non-interactive"),
            npx("yarn@1 -- yarn run build"),
        ),
        (
            "yarn.lock",
            "# generated\n\n__metadata:\n  version: 6\n  cacheKey: 8\n",
            npx("@yarnpkg/cli-dist@3 -- yarn install --immutable"),
            npx("@yarnpkg/cli-dist@3 -- yarn run build"),
        ),
    ];
    for (name, text, install, build) in cases {
        let plan = plan(&[BUILDS, (name, text)], &BuildSettings::default());
        assert_eq!(words(&plan.install), install, "{name}: {text}");
        assert_eq!(words(&plan.build), build, "{name}: {text}");
    }
}

#[test]
fn the_package_manager_field_chooses_the_version_and_between_lockfiles() {
    let package = ("package.json", r#"{"packageManager":"pnpm@9.1.0+sha512.abc","scripts":{"build":"x"}}"#);
    let both = plan(
        &[package, ("package-lock.json", "{}"), ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")],
        &BuildSettings::default(),
    );
    assert_eq!(words(&both.install), "npx --yes --package=pnpm@9.1.0 -- pnpm install --frozen-lockfile");
}

#[test]
fn a_package_manager_field_cannot_smuggle_options_or_other_packages() {
    for field in ["pnpm@file:../evil", "pnpm@--evil", "pnpm@1 --package=evil", "evil@1.0.0", "pnpm@", "pnpm"] {
        let text = format!(r#"{{"packageManager":"{field}","scripts":{{"build":"x"}}}}"#);
        let plan = plan(&[("package.json", &text)], &BuildSettings::default());
        assert_eq!(words(&plan.install), "npm install", "{field}");
    }
}

#[test]
fn without_a_lockfile_npm_installs_and_without_package_json_nothing_runs() {
    assert_eq!(words(&plan(&[BUILDS], &BuildSettings::default()).install), "npm install");
    let plain = plan(&[("index.html", "")], &BuildSettings::default());
    assert_eq!(plain, Plan { tool: None, install: None, build: None });
}

#[test]
fn a_package_without_a_build_script_is_not_built() {
    assert_eq!(plan(&[("package.json", r#"{"scripts":{"test":"x"}}"#)], &BuildSettings::default()).build, None);
}

#[test]
fn settings_win_and_an_empty_command_means_none() {
    let settings = BuildSettings {
        install_command: Some(String::new()),
        build_command: Some("pnpm run site && cp a b".to_owned()),
        ..BuildSettings::default()
    };
    let plan = plan(&[BUILDS, ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")], &settings);
    assert_eq!(plan.install, None);
    assert_eq!(words(&plan.build), "npx --yes --package=pnpm@10 -c pnpm run site && cp a b");
}

#[test]
fn a_broken_package_json_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("package.json"), "{").unwrap();
    let error = Plan::of(directory.path(), &BuildSettings::default()).unwrap_err();
    assert!(error.to_string().contains("package.json cannot be read"), "{error}");
}
