//! The shapes of what lies in the store.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::time::Moment;

/// The key of the pointer.
pub const LIVE: &str = "live";

/// The kill switch: while anything lies here, no experiment runs.
pub const OFF: &str = "off";

/// The version of these shapes.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// The pointer: which revision is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    schema_version: u32,
    /// The datafile's number.
    pub revision: u64,
    /// SHA-256 of the datafile's bytes, in hexadecimal digits.
    pub datafile: String,
    /// The same of the record that tells how it came about.
    pub record: String,
}

/// Who published what, when and why; and what was live before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    schema_version: u32,
    /// Its number.
    pub revision: u64,
    /// When.
    pub at: Moment,
    /// Who, as their token is named.
    pub by: String,
    /// What was done, in a word: `publish`, `stop`, `rollback`.
    pub action: String,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What is different from the revision before, a line each.
    pub changes: Vec<String>,
    /// The experiments that are different.
    pub experiments: Vec<String>,
    /// Of a rollback: the revision that is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<u64>,
    /// SHA-256 of the datafile's bytes.
    pub datafile: String,
    /// SHA-256 of the draft it was made from.
    pub draft: String,
    /// The record before; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

/// What lies under a key is not what its key promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFile {
    /// The key.
    pub key: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for InvalidFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {:?}: {}", self.key, self.why)
    }
}

impl std::error::Error for InvalidFile {}

/// What a thing is filed by: SHA-256, in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Where the datafile with this hash lies.
pub fn key_of_datafile(hash: &str) -> String {
    format!("datafile-{hash}")
}

/// Where the draft with this hash lies.
pub fn key_of_draft(hash: &str) -> String {
    format!("draft-{hash}")
}

/// Where the record with this hash lies.
pub fn key_of_record(hash: &str) -> String {
    format!("record-{hash}")
}
