//! Which file a path means: exact files, `index.html` and clean URLs.
//!
//! Every page has one address: `/about`, not `/about.html` or `/about/`; `/docs/`, not `/docs` or `/docs/index.html`. The
//! other spellings redirect, and only to an address that is served.

use domain::Manifest;
use domain::manifest::File;

use crate::path::SitePath;

/// What a path means.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolution<'m> {
    /// This file, at this path of the manifest.
    File(&'m str, &'m File),
    /// The page's one address, a decoded path without its leading `/`.
    Redirect(String),
    /// Nothing.
    Missing,
}

/// Resolves a path.
pub fn resolve<'m>(manifest: &'m Manifest, path: &SitePath) -> Resolution<'m> {
    let path = path.as_str();
    if path.is_empty() || path.ends_with('/') { directory(manifest, path) } else { page(manifest, path) }
}

/// A file of the manifest by its path.
pub fn file<'m>(manifest: &'m Manifest, path: &str) -> Option<(&'m str, &'m File)> {
    manifest.files.get_key_value(path).map(|(path, file)| (path.as_str(), file))
}

fn directory<'m>(manifest: &'m Manifest, path: &str) -> Resolution<'m> {
    if let Some((name, file)) = file(manifest, &format!("{path}index.html")) {
        return Resolution::File(name, file);
    }
    let Some(name) = path.strip_suffix('/') else { return Resolution::Missing };
    if let Some(parent) = indexed(manifest, name) {
        return Resolution::Redirect(parent.to_owned());
    }
    if manifest.files.contains_key(format!("{name}.html").as_str()) {
        return Resolution::Redirect(name.to_owned());
    }
    Resolution::Missing
}

fn page<'m>(manifest: &'m Manifest, path: &str) -> Resolution<'m> {
    if let Some((name, file)) = file(manifest, path) {
        return match path.strip_suffix(".html").filter(|stem| !taken(manifest, stem)) {
            Some(stem) => Resolution::Redirect(indexed(manifest, stem).unwrap_or(stem).to_owned()),
            None => Resolution::File(name, file),
        };
    }
    if let Some(parent) = indexed(manifest, path) {
        return Resolution::Redirect(parent.to_owned());
    }
    if let Some((name, file)) = file(manifest, &format!("{path}.html")) {
        return Resolution::File(name, file);
    }
    if manifest.files.contains_key(format!("{path}/index.html").as_str()) {
        return Resolution::Redirect(format!("{path}/"));
    }
    Resolution::Missing
}

/// For a path that ends in the segment `index`: the directory, if its `index.html` exists.
fn indexed<'p>(manifest: &Manifest, path: &'p str) -> Option<&'p str> {
    let parent = path.strip_suffix("index").filter(|parent| parent.is_empty() || parent.ends_with('/'))?;
    manifest.files.contains_key(format!("{parent}index.html").as_str()).then_some(parent)
}

/// Whether `<stem>.html` cannot be served at the clean address `<stem>`: another file has that address, or it is none
/// (`.html`, `..html` and `...html` are file names, but `/`, `/.` and `/..` are not theirs). A directory's index is
/// exempt: its address is the directory.
fn taken(manifest: &Manifest, stem: &str) -> bool {
    let last = stem.rsplit('/').next().unwrap_or(stem);
    last != "index" && (matches!(last, "" | "." | "..") || manifest.files.contains_key(stem))
}
