//! What a build has put out: found, walked without trust, hashed, and packed for the wire.

mod compress;
mod content_type;
mod locate;
mod pack;
mod refused;
mod spool;
mod walk;

pub use content_type::content_type;
pub use locate::{Output, locate, within};
pub use pack::{Packed, pack};
pub use spool::Spool;
pub use walk::{Found, walk};
