//! How long an answer may be kept.
//!
//! A file whose name holds a fingerprint of its content never changes under that name, so it may be kept for good. Whether
//! it does is read off the name, and the two mistakes are not equal: a fingerprint that is not seen costs a revalidation, a
//! name that is wrongly taken for one leaves a visitor with an old file for a year. So the rule is narrow:
//!
//! 1. Anywhere: `.` or `-`, then 8 or more of `0-9a-f` with at least one digit and one letter, then `.` (`main.3f2a1b9c.js`,
//!    webpack, Parcel, Hugo). Both kinds, because `report-20261120.pdf` is a date and `-deadbeef.` might be a word. Of real
//!    8-digit fingerprints 2.4 % have no letter or no digit and go unseen.
//! 2. Below a directory `assets`: `-`, then exactly 8 of `A-Za-z0-9_-`, then `.` (`assets/index-BxY3z_1a.js`, Vite), in
//!    which the kind of character (upper, lower, digit, sign) changes at least 3 times. `hero-mountain.jpg`,
//!    `bg-gallery1.png` and `icon-darkMode.svg` change 0, 1 and 2 times; 94 % of random ones change 3 times or more.
//! 3. HTML never, whatever it is called: a page is an address, not an asset.

use domain::manifest::File;

/// Errors and everything that is about one moment.
pub const NEVER: &str = "no-store";
/// Kept, but asked about each time.
pub const REVALIDATED: &str = "public, max-age=0, must-revalidate";
/// Kept for a year, which RFC 9111 caches read as "for good".
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The `Cache-Control` of a file.
pub fn of(path: &str, file: &File) -> &'static str {
    if is_immutable(path, file) { IMMUTABLE } else { REVALIDATED }
}

/// Whether this file is the only one that will ever have this path.
pub fn is_immutable(path: &str, file: &File) -> bool {
    !file.content_type.starts_with("text/html") && is_fingerprinted(path)
}

/// Whether a path's name holds a fingerprint of its file's content (rules 1 and 2).
pub fn is_fingerprinted(path: &str) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_assets = directory.split('/').any(|segment| segment == "assets");
    has_hex_fingerprint(name) || in_assets && has_mixed_fingerprint(name)
}

fn has_hex_fingerprint(name: &str) -> bool {
    let hex = |part: &str| {
        part.len() >= 8
            && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    // Between dots, the part after the last hyphen; the first part counts only if a hyphen precedes it.
    let mut parts = name.split('.');
    let first = parts.next().and_then(|part| part.rsplit_once('-')).is_some_and(|(_, last)| hex(last));
    let mut followed = parts.collect::<Vec<_>>();
    let extension = followed.pop();
    extension.is_some() && (first || followed.iter().any(|part| hex(part.rsplit('-').next().unwrap_or(part))))
}

fn has_mixed_fingerprint(name: &str) -> bool {
    let mut parts = name.split('.').collect::<Vec<_>>();
    parts.pop();
    parts.iter().any(|part| {
        let bytes = part.as_bytes();
        let Some(start) = bytes.len().checked_sub(8) else { return false };
        let mixed = bytes[start..].windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count() >= 3;
        start > 0 && bytes[start - 1] == b'-' && bytes[start..].iter().all(|byte| kind(*byte).is_some()) && mixed
    })
}

fn kind(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(0),
        b'a'..=b'z' => Some(1),
        b'0'..=b'9' => Some(2),
        b'-' | b'_' => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::Sha256;

    use super::*;

    fn cached(path: &str, content_type: &str) -> &'static str {
        let content_type = content_type.to_owned();
        of(path, &File { sha256: Sha256::of(b""), size: 0, content_type, brotli: None, gzip: None })
    }

    #[test]
    fn names_with_a_fingerprint_are_kept_for_good() {
        let paths = [
            "main.3f2a1b9c.js",
            "static/js/main.3f2a1b9c.chunk.js",
            "static/css/main.3f2a1b9c.css.map",
            "app-0a1b2c3d4e5f60718293a4b5c6d7e8f9.css",
            "workbox-3e911b1d.js",
            "assets/index-BxY3z_1a.js",
            "assets/index-DiwrgTda.css.map",
            "base/assets/react-CHdo91hT.svg",
            "assets/some-name-C-a2_Xy9.woff2",
        ];
        for path in paths {
            assert_eq!(cached(path, "text/javascript"), IMMUTABLE, "{path}");
        }
    }

    #[test]
    fn names_that_only_resemble_one_are_asked_about() {
        let paths = [
            "sw.js",
            "report-20261120.pdf",
            "photo.20261120.jpg",
            "3f2a1b9c.js",
            "logo-deadbeef.png",
            "main.3f2a1b9c",
            "main.3F2A1B9C.js",
            "main-3f2a1b9.js",
            "index-BxY3z_1a.js",
            "assets/hero-mountain.jpg",
            "assets/bg-gallery1.png",
            "assets/Hero-Original.png",
            "assets/icon-darkMode.svg",
            "assets/index-BxY3z_1ab.js",
            "assets/BxY3z_1a.js",
            "assetsx/index-BxY3z_1a.js",
            "assets/index-Bx Y3z_1.js",
        ];
        for path in paths {
            assert_eq!(cached(path, "text/javascript"), REVALIDATED, "{path}");
        }
    }

    #[test]
    fn a_page_is_always_asked_about() {
        assert_eq!(cached("post.3f2a1b9c.html", "text/html; charset=utf-8"), REVALIDATED);
    }
}
