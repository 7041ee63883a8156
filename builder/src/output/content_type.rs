//! File name → `Content-Type`, and whether compressing is worth a try.

/// Where `mime_guess` is silent, old, or not what browsers want (WHATWG: JavaScript is `text/javascript`).
const OWN: [(&str, &str); 16] = [
    ("avif", "image/avif"),
    ("cjs", "text/javascript"),
    ("geojson", "application/geo+json"),
    ("ico", "image/vnd.microsoft.icon"),
    ("js", "text/javascript"),
    ("jsonld", "application/ld+json"),
    ("map", "application/json"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("rss", "application/rss+xml"),
    ("ttf", "font/ttf"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
];

/// Types beside `text/…` and `…+xml`, `…+json` that compress.
const COMPRESSIBLE: [&str; 13] = [
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/rtf",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-ndjson",
    "application/xml",
    "application/yaml",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/vnd.microsoft.icon",
];

/// The `Content-Type` of a file by its name's ending; text is UTF-8.
pub fn content_type(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    // `.htaccess` is a hidden name, not an ending.
    let Some((_, extension)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else {
        return "application/octet-stream".to_owned();
    };
    let extension = extension.to_ascii_lowercase();
    let own = OWN.iter().find(|(ending, _)| *ending == extension).map(|(_, media)| (*media).to_owned());
    let media =
        own.unwrap_or_else(|| mime_guess::from_ext(&extension).first_or_octet_stream().essence_str().to_owned());
    if media.starts_with("text/") { format!("{media}; charset=utf-8") } else { media }
}

pub(super) fn is_compressible(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or(content_type);
    media.starts_with("text/") || media.ends_with("+xml") || media.ends_with("+json") || COMPRESSIBLE.contains(&media)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_give_the_types_that_browsers_want() {
        let cases = [
            ("index.html", "text/html; charset=utf-8", true),
            ("assets/app.JS", "text/javascript; charset=utf-8", true),
            ("a.mjs", "text/javascript; charset=utf-8", true),
            ("style.css", "text/css; charset=utf-8", true),
            ("app.js.map", "application/json", true),
            ("data.json", "application/json", true),
            ("module.wasm", "application/wasm", true),
            ("site.webmanifest", "application/manifest+json", true),
            ("logo.svg", "image/svg+xml", true),
            ("feed.xml", "application/xml", true),
            ("robots.txt", "text/plain; charset=utf-8", true),
            ("favicon.ico", "image/vnd.microsoft.icon", true),
            ("f.ttf", "font/ttf", true),
            ("f.woff2", "font/woff2", false),
            ("photo.jpg", "image/jpeg", false),
            ("photo.avif", "image/avif", false),
            ("clip.mp4", "video/mp4", false),
            ("paper.pdf", "application/pdf", false),
            ("LICENSE", "application/octet-stream", false),
            (".htaccess", "application/octet-stream", false),
            ("x.unheard-of", "application/octet-stream", false),
        ];
        for (name, media, packs) in cases {
            assert_eq!(content_type(name), media, "{name}");
            assert_eq!(is_compressible(media), packs, "{name}");
        }
    }
}
