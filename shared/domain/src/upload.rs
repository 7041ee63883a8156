//! The upload protocol's messages, shared by the API and its clients (builder, CLI, CI).
//!
//! All under `/projects/{project}/deployments/{deployment}`: `POST /register` (ticket → token and job),
//! `POST /log`, `POST /manifest` (one or more pages), `POST /urls` (≤ 500 at a time), `POST /commit`, and
//! `POST /failure` when there is nothing to commit. Every answer but `register` needs the deployment's token as
//! `Authorization: Bearer …`. Each call may be repeated with the same content; it then has the same answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::deployment::FailureCode;
use crate::log::LogLine;
use crate::manifest::File;
use crate::{Branch, Commit, Environment, FilePath, RepositoryUrl, Sha256};

/// Most entries of one manifest page, so that a page stays far below Lambda's 6 MB request limit.
pub const MOST_ENTRIES: usize = 2_500;
/// Most addresses signed by one call.
pub const MOST_URLS: usize = 500;
/// Most lines of one log call.
pub const MOST_LINES: usize = 500;
/// Most bytes of a log line; the rest is cut and marked.
pub const MOST_LINE_BYTES: usize = 4_096;

/// `POST register`: the one-time ticket, and the hash of the token the client has made for itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Register {
    /// The one-time ticket from the task's environment.
    pub ticket: String,
    /// SHA-256 of the token's text. The same hash again succeeds, another is refused.
    pub token_sha256: Sha256,
}

/// Answer of `POST register`: all a builder needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Where to clone from.
    pub repository: RepositoryUrl,
    /// Whether the repository may be plain `http` on this machine's loopback (a setting for laptops).
    pub allow_loopback: bool,
    /// What to check out.
    pub commit: Commit,
    /// The branch the commit was found on.
    pub branch: Branch,
    /// Production or preview.
    pub environment: Environment,
    /// How to build.
    pub settings: BuildSettings,
    /// Variables for the repository's commands.
    pub variables: BTreeMap<String, String>,
    /// Names of those whose values are not to be shown in the log.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Seconds after which the build is stopped.
    pub timeout_seconds: u64,
}

/// What the project's owner may set about a build; what is absent is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BuildSettings {
    /// The directory of the repository that holds the app; the repository's root when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_directory: Option<FilePath>,
    /// Shell command that installs dependencies; an empty one means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install_command: Option<String>,
    /// Shell command that builds; an empty one means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_command: Option<String>,
    /// Directory to publish, below the root directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_directory: Option<FilePath>,
}

/// `POST log`: one numbered chunk of lines. The number makes a repeated call harmless.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogChunk {
    /// 0, 1, 2 … without gaps.
    pub number: u32,
    /// At most [`MOST_LINES`] lines.
    pub lines: Vec<LogLine>,
}

/// `POST manifest`: one page of entries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ManifestPage {
    /// This page's number: 0 up to `pages - 1`.
    pub page: u32,
    /// How many pages the manifest has.
    pub pages: u32,
    /// At most [`MOST_ENTRIES`] files.
    pub entries: Vec<Entry>,
}

/// One file of a manifest page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path below the output directory.
    pub path: FilePath,
    /// Its bytes.
    #[serde(flatten)]
    pub file: File,
}

/// Answer of `POST manifest`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Indexes into the page's `entries` whose bytes have to be uploaded. Equal bytes are named once.
    pub missing: Vec<u32>,
}

/// `POST urls`: the objects to sign addresses for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UrlsRequest {
    /// At most [`MOST_URLS`].
    pub blobs: Vec<Blob>,
}

/// An object to upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Blob {
    /// Its name.
    pub sha256: Sha256,
    /// Its bytes.
    pub size: u64,
}

/// Answer of `POST urls`: for each blob, in order, the request that stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// In the order asked for.
    pub uploads: Vec<SignedPut>,
}

/// A presigned `PUT`: send exactly these headers. 412 means the bytes are there already, which is success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPut {
    /// The address; it carries the signature and expires after 15 minutes.
    pub url: String,
    /// Header names and values that are part of the signature.
    pub headers: BTreeMap<String, String>,
}

/// `POST commit`: all blobs are uploaded; make it a deployment. 200: it is one. 202: not all blobs are verified yet,
/// send the same again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Commitment {
    /// How many pages were sent.
    pub pages: u32,
    /// How many files they hold in all.
    pub files: u32,
}

/// `POST failure`: the build has failed for this reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailureReport {
    /// Which of the stable codes.
    pub code: FailureCode,
    /// One sentence: what, where, what to try.
    pub message: String,
}
