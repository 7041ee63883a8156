//! What is shown where nothing is: the nearest `404.html`, or an app's shell.

use domain::Manifest;
use domain::manifest::File;

use crate::path::SitePath;
use crate::request::Request;
use crate::resolve::file;

/// The `404.html` of the path's directory or of the nearest one above it.
pub fn nearest_page<'m>(manifest: &'m Manifest, path: &str) -> Option<&'m File> {
    let mut directory = path;
    loop {
        directory = directory.rfind('/').map_or("", |slash| &directory[..slash]);
        let separator = if directory.is_empty() { "" } else { "/" };
        if let Some((_, page)) = file(manifest, &format!("{directory}{separator}404.html")) {
            return Some(page);
        }
        if directory.is_empty() {
            return None;
        }
    }
}

/// The root `index.html` of a single-page app, which routes in the browser. Only for navigations, so that a missing
/// script or image is a 404 and not a page of HTML; never where the last segment holds a dot (`/img.png`, `/.env`); and
/// only if the site has no `404.html` anywhere, because a site that has one says that it knows its own pages.
pub fn shell<'m>(manifest: &'m Manifest, request: &Request<'_>, path: &SitePath) -> Option<(&'m str, &'m File)> {
    if !request.is_navigation() || path.last_segment().contains('.') {
        return None;
    }
    let shell = file(manifest, "index.html")?;
    let is_page = |path: &str| path.rsplit('/').next() == Some("404.html");
    (!manifest.files.keys().any(|path| is_page(path.as_str()))).then_some(shell)
}
