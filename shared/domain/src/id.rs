//! Identifiers: ULIDs in lower case (26 characters, sortable by time). They are names, not secrets.

use std::fmt;
use std::str::FromStr;

use crate::Timestamp;
use crate::text::{Invalid, serde_as_text};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(ulid::Ulid);

        impl $name {
            /// A new identifier for this moment; `random` makes it unique within the millisecond.
            pub fn new(now: Timestamp, random: u128) -> Self {
                Self(ulid::Ulid::from_parts(now.millis().max(0) as u64, random))
            }

            /// When it was made.
            pub fn created_at(&self) -> Timestamp {
                Timestamp::from_millis(self.0.timestamp_ms() as i64)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0.to_string().to_ascii_lowercase())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let refused = || Invalid::new("an identifier is 26 lower-case letters and digits, as the API returned it");
                if text.len() != 26 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(refused());
                }
                let ulid = ulid::Ulid::from_string(&text.to_ascii_uppercase()).map_err(|_| refused())?;
                // Crockford's alphabet reads i, l and o as digits: only the one canonical spelling names a thing.
                let id = Self(ulid);
                if id.to_string() == text { Ok(id) } else { Err(refused()) }
            }
        }

        serde_as_text!($name);
    };
}

id!(
    /// Names a deployment.
    DeploymentId
);
id!(
    /// Names a project. It never changes; the slug may.
    ProjectId
);
id!(
    /// Names a user. It never changes; the e-mail address may.
    UserId
);
id!(
    /// Names an API token or session in lists; it is not the secret.
    TokenId
);
