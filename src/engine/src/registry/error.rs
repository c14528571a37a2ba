//! Why the registry did not do what it was asked for.

use std::fmt;

use super::filed::{InvalidFile, Record};
use super::store::StoreError;
use crate::problem::Problems;

/// Why something was not published, or not found. Nothing has changed for visitors then, but for one case: a store that
/// fails at the last write may have taken it all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryError {
    /// What would be published has mistakes; the warnings are among them.
    Problems(Problems),
    /// Something else is live than expected: somebody else was faster.
    Changed {
        /// What is live; none if nothing is, or if its record cannot be read.
        live: Option<Box<Record>>,
    },
    /// There is no such revision or experiment; which, in words.
    NotFound(String),
    /// There was not enough time to go back to this revision ([`Registry::walking_while`](super::Registry::walking_while)).
    GivenUp(u64),
    /// It is there, but this must not be done with it.
    NotAllowed(Refusal),
    /// What lies in the store is not what was put there.
    Invalid(InvalidFile),
    /// The store failed.
    Store(StoreError),
}

/// Why something must not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Lower case, no full stop, the user's names in double quotes.
    pub why: String,
    /// What to do, in a sentence.
    pub hint: &'static str,
}

impl RegistryError {
    pub(super) fn refuse(why: String, hint: &'static str) -> Self {
        Self::NotAllowed(Refusal { why, hint })
    }

    /// What to do, in a sentence or two.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Problems(_) => "Mend the errors; each comes with a hint of its own.",
            Self::Changed { .. } => {
                "Read what is live now, put your work on top of it, and publish again."
            }
            Self::NotFound(_) => "Look at the history for what there is.",
            Self::GivenUp(_) => "Ask where there is more time.",
            Self::NotAllowed(refusal) => refusal.hint,
            Self::Invalid(_) => {
                "Wait a moment, for a store may show a new pointer before what it points to; then go back to an earlier revision."
            }
            Self::Store(StoreError::Busy | StoreError::Changed) => {
                "Try again in a few seconds."
            }
            Self::Store(_) => {
                "Look at what is live before you try again: the store may have taken the write."
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problems(problems) => {
                let errors = problems.iter().filter(|one| one.is_error()).count();
                let s = if errors == 1 { "" } else { "s" };
                write!(f, "the draft has {errors} error{s}")
            }
            Self::Changed { live: Some(live) } => {
                write!(f, "revision {} is live", live.revision)?;
                if !live.by.is_empty() {
                    write!(f, ", since {} by {:?}", live.at, live.by)?;
                }
                Ok(())
            }
            Self::Changed { live: None } => {
                f.write_str("something else is live than was expected")
            }
            Self::NotFound(what) => write!(f, "there is no {what}"),
            Self::GivenUp(revision) => write!(
                f,
                "there is not enough time here to go back to revision {revision}"
            ),
            Self::NotAllowed(refusal) => refusal.fmt(f),
            Self::Invalid(file) => file.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RegistryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(file) => Some(file),
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<InvalidFile> for RegistryError {
    fn from(file: InvalidFile) -> Self {
        Self::Invalid(file)
    }
}

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
