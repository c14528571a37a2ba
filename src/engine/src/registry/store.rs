//! What the registry asks of a key-value store.

use std::fmt;

/// A value, and the store's own number for this state of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The value.
    pub bytes: Vec<u8>,
    /// Another one after each write.
    pub generation: u64,
}

/// On which condition a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On none. For what is filed by its hash, which is the same whoever writes it.
    Always,
    /// Nothing has that key.
    Absent,
    /// Nobody has written it since it had this generation.
    Unchanged(u64),
}

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The condition does not hold: somebody else was faster.
    Changed,
    /// It takes no more requests for now.
    Busy,
    /// It does not take the value: too large, or full.
    Full(String),
    /// Anything else, in the store's words.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("somebody else has written it meanwhile"),
            Self::Busy => f.write_str("the store takes no more requests for now"),
            Self::Full(why) => write!(f, "the store does not take the value: {why}"),
            Self::Failed(why) => write!(f, "the store failed: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// A key-value store as Fastly's: single keys, each with a generation. Keys are lower-case letters, digits and "-".
pub trait Store {
    /// The value of a key; none if nothing has it.
    fn get(&self, key: &str) -> Result<Option<Stored>, StoreError>;
    /// Writes a value.
    fn put(&self, key: &str, bytes: &[u8], when: When) -> Result<(), StoreError>;
    /// Removes a key; one that nothing has is no error.
    fn delete(&self, key: &str) -> Result<(), StoreError>;
    /// The keys that begin so, in order.
    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError>;
}
