//! Everything that can go wrong for a caller, without knowing about HTTP. `web` has the one table that gives each its
//! status and stable problem type.

use crate::text::Invalid;

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something in the request is not valid.
    #[error("{0}")]
    Invalid(String),
    /// It does not exist, or is not the caller's to know of.
    #[error("there is no such {0}, or it is not yours")]
    NotFound(&'static str),
    /// The caller is known, but the credential was not accepted.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The caller may see it but not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The slug belongs to another project.
    #[error("the slug is taken; choose another")]
    SlugTaken,
    /// The e-mail address has an account already.
    #[error("this e-mail address cannot be used for a new account")]
    EmailUnavailable,
    /// The installation has its first account already.
    #[error("this installation is claimed already; ask its owner for an invitation")]
    AlreadyClaimed,
    /// The repository cannot be read.
    #[error("the repository cannot be read: {0}; check its address, and that it is public")]
    RepositoryUnreadable(String),
    /// The repository has no such branch.
    #[error("the repository has no branch {0}; push it first, or name another")]
    BranchMissing(String),
    /// The deployment's state does not allow it.
    #[error("{0}")]
    NotNow(String),
    /// The upload is not complete or not right.
    #[error("{0}")]
    UploadIncomplete(String),
    /// More than a limit allows.
    #[error("{0}")]
    LimitExceeded(String),
    /// Too many attempts.
    #[error("too many attempts; try again in {retry_after_seconds} seconds")]
    TooManyAttempts {
        /// When it may be tried again, in seconds from now.
        retry_after_seconds: u64,
    },
    /// An `Idempotency-Key` came with another request than the one it was first used for.
    #[error("this Idempotency-Key was used for another request within 24 hours; make a new one for each request")]
    KeyReused,
    /// The first request with this `Idempotency-Key` has no answer yet.
    #[error("the first request with this Idempotency-Key is still running; repeat it in a moment")]
    KeyInUse,
    /// Others changed it at the same time, again and again.
    #[error("others are changing the same thing right now; try again")]
    Contended,
    /// Something Slipway depends on failed. The text is for logs, never for callers.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Error {
    /// A failure of something Slipway depends on, with what is known of it for the log.
    pub fn unavailable(what: impl std::fmt::Display) -> Self {
        Self::Unavailable(what.to_string())
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Contended | Error::Unavailable(_) | Error::TooManyAttempts { .. })
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid.0)
    }
}

impl From<crate::project::PromoteRefused> for Error {
    fn from(refused: crate::project::PromoteRefused) -> Self {
        Self::NotNow(refused.to_string())
    }
}
