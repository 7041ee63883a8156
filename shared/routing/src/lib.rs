//! One site's URL rules, as a pure function: [`decide`] takes a manifest, a request and a channel, and says which status,
//! which headers and which bytes of which stored object answer it. No I/O, no clock, no store.
//!
//! | step | file |
//! |---|---|
//! | decode and refuse paths | `path` |
//! | path → file, redirect or nothing | `resolve` |
//! | nothing → nearest `404.html`, else the app's shell, else text | `missing` |
//! | which stored form (`br`, `gzip`, plain) | `encoding` |
//! | `If-Match`, `If-None-Match`, `If-Range` | `conditions`, `etag` |
//! | `Range` | `range` |
//! | how long it may be kept | `freshness` |
//!
//! The resolution is that of Cloudflare Pages, measured; `tests/rules/cloudflare_pages.rs` lists every deviation with its reason.
//! A site's own rules (redirect and header files) are not built; their place is the start of `decide::route`, before the
//! path is resolved, and the end of [`decide`], after the defaults are set.

mod conditions;
mod decide;
mod decision;
mod encoding;
mod etag;
mod freshness;
mod missing;
mod path;
mod range;
mod request;
mod resolve;
mod serve;

pub use decide::{decide, retained};
pub use decision::{Body, Decision};
pub use freshness::is_fingerprinted;
pub use request::{Channel, Request};
