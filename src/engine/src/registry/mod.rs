//! What is published, and what was: immutable things filed by the hash of their content, and one small pointer to what is
//! live. Whoever moves the pointer says which one they saw, so two publishers cannot lose each other's work.

mod compared;
mod diff;
mod edit;
mod error;
mod filed;
mod follow;
mod outline;
mod read;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use self::diff::diff;
pub use self::edit::revision_of;
pub use self::error::{Refusal, RegistryError};
pub use self::filed::{
    BY_HAND, InvalidFile, LIVE, Live, MAX_DATAFILE_BYTES, MAX_DRAFT_BYTES, MAX_SWITCHES,
    OFF, Off, Record, SWITCHES, Switched, hash, key_of_datafile, key_of_draft,
    key_of_record, open_datafile, open_datafile_by_hand,
};
pub use self::follow::{Fetched, Follower, Notice, Shelf};
pub use self::outline::{Outline, Part};
pub use self::read::MAX_STEPS_BACK;
pub use self::store::{Store, StoreError, Stored, When};
use crate::datafile::Datafile;
use crate::problem::Problems;
use crate::time::Moment;

/// Who does something, when and why. Name and reason are cut after 500 characters.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'s> {
    /// Who.
    pub by: &'s str,
    /// When.
    pub at: Moment,
    /// Why; may be empty.
    pub why: &'s str,
}

/// What somebody thinks is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// This revision; 0 if nothing has been published.
    Revision(u64),
    /// Whatever it is.
    Any,
}

/// What became of the note that says who threw the kill switch or took it back, once that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Note {
    /// The history tells of it.
    Kept,
    /// The history does not tell of it, because of this.
    Lost(StoreError),
}

/// What was made live.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Published {
    /// Its number.
    pub revision: u64,
    /// The hash of its record.
    pub record: String,
    /// What is different from before, a line each.
    pub changes: Vec<String>,
    /// Warnings.
    pub problems: Problems,
    /// What is served now.
    pub datafile: Datafile,
}

/// A key-value store with what is published in it.
///
/// Everything but the pointer is filed by its hash and never changes. The pointer is moved only from the state that was
/// seen, so of two who publish at once one is told [`RegistryError::Changed`], and nobody's work is lost.
#[derive(Clone, Copy)]
pub struct Registry<'s> {
    store: &'s dyn Store,
    may_go_on: Option<&'s dyn Fn() -> bool>,
    may_tell: Option<&'s dyn Fn() -> bool>,
}

impl<'s> Registry<'s> {
    /// What lies in this store.
    pub fn new(store: &'s dyn Store) -> Self {
        Self { store, may_go_on: None, may_tell: None }
    }

    /// The same, for who has not all the time in the world: before each record of the history but the first, `may_go_on` is
    /// asked. Once it says no, [`Self::history`] gives what it has, and whatever goes back to a revision says
    /// [`RegistryError::GivenUp`].
    #[must_use]
    pub fn walking_while(self, may_go_on: &'s dyn Fn() -> bool) -> Self {
        Self { may_go_on: Some(may_go_on), ..self }
    }

    /// The same, for who has not all the time to say what is different from what is live: before each thing that is,
    /// `may_tell` is asked. Once it says no, [`Published::changes`] say of what is left no more than that it is different.
    #[must_use]
    pub fn telling_while(self, may_tell: &'s dyn Fn() -> bool) -> Self {
        Self { may_tell: Some(may_tell), ..self }
    }

    fn may_go_on(&self) -> bool {
        self.may_go_on.is_none_or(|may_go_on| may_go_on())
    }
}
