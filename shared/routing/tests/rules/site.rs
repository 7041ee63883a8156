//! Sites made of path names: each file's content is its own name.

use domain::manifest::File;
use domain::{DeploymentId, Manifest, Sha256, Timestamp};
use routing::{Body, Decision};

pub const DEPLOYMENT: &str = "01bx5zzkbkactav9wevgemmvrz";

/// A manifest of these paths, plain forms only, 10 bytes each.
pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Manifest {
    let files = paths.into_iter().map(|path| (path.parse().unwrap(), file(path, 10, None, None)));
    let deployment: DeploymentId = DEPLOYMENT.parse().unwrap();
    Manifest { version: 1, deployment, created_at: Timestamp::from_millis(0), files: files.collect() }
}

pub fn file(path: &str, size: u64, brotli: Option<u64>, gzip: Option<u64>) -> File {
    let content_type = if path.ends_with(".html") { "text/html; charset=utf-8" } else { "text/plain" };
    File { sha256: Sha256::of(path.as_bytes()), size, content_type: content_type.to_owned(), brotli, gzip }
}

/// The path of the file whose bytes a decision sends.
pub fn sent<'m>(manifest: &'m Manifest, decision: &Decision) -> Option<&'m str> {
    let Body::Blob { sha256, .. } = &decision.body else { return None };
    manifest.files.iter().find(|(_, file)| file.sha256 == *sha256).map(|(path, _)| path.as_str())
}
