//! The shapes of what lies in the store.

use std::error::Error as _;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::datafile::Datafile;
use crate::signature::sha256;
use crate::time::Moment;

/// The key of the pointer.
pub const LIVE: &str = "live";

/// The kill switch: while anything lies here, no experiment runs.
pub const OFF: &str = "off";

/// The notes of who threw the kill switch and who took it back. Nothing hangs on them.
pub const SWITCHES: &str = "switches";

/// The datafile that was put there by hand. It is served only while there is no pointer.
pub const BY_HAND: &str = "datafile";

/// The largest datafile that is published, and that the edge takes, bytes.
pub const MAX_DATAFILE_BYTES: usize = 2 * 1024 * 1024;

/// The largest pointer that is read, bytes.
const MAX_POINTER: usize = 16 * 1024;

/// The largest draft that is published, bytes.
pub const MAX_DRAFT_BYTES: usize = 1024 * 1024;

/// The most notes of the kill switch that are kept.
pub const MAX_SWITCHES: usize = 100;

/// The version of these shapes.
pub(super) const SCHEMA_VERSION: u32 = 1;

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

impl Live {
    /// What is served, under which number, and how that came about.
    pub(super) fn of(revision: u64, datafile: String, record: String) -> Self {
        Self { schema_version: SCHEMA_VERSION, revision, datafile, record }
    }

    /// Reads a pointer. One that points to something that can be no hash is none.
    ///
    /// # Errors
    /// It is not a pointer that this engine reads.
    pub fn open(bytes: &[u8]) -> Result<Self, InvalidFile> {
        let invalid = |why: String| InvalidFile { key: LIVE.to_owned(), why };
        if bytes.len() > MAX_POINTER {
            return Err(invalid(format!("it has more than {MAX_POINTER} bytes")));
        }
        let live: Self = read(bytes).map_err(invalid)?;
        for (field, hash) in [("datafile", &live.datafile), ("record", &live.record)] {
            if !is_hash(hash) {
                return Err(invalid(format!("its {field:?} is not a SHA-256")));
            }
        }
        Ok(live)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("it has only JSON types")
    }
}

/// Who published what, when and why; and what was live before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub(super) schema_version: u32,
    /// Its number.
    pub revision: u64,
    /// When.
    pub at: Moment,
    /// Who, as their token is named.
    pub by: String,
    /// What was done, in a word: `publish`, `start`, `pause`, `resume`, `stop`, `archive`, `rollback`.
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

impl Record {
    /// Reads the record that has this hash.
    pub(super) fn open(bytes: &[u8], hash: &str) -> Result<Self, InvalidFile> {
        check_hash(&key_of_record(hash), bytes, hash)?;
        let invalid = |why: String| InvalidFile { key: key_of_record(hash), why };
        let record: Self = read(bytes).map_err(invalid)?;
        let before = record.previous.as_ref();
        for one in [&record.datafile, &record.draft].into_iter().chain(before) {
            if !is_hash(one) {
                return Err(invalid("it names something that is not a SHA-256".into()));
            }
        }
        Ok(record)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("it has only JSON types")
    }
}

/// What the kill switch says of itself. Anything that lies there is one, so nothing of it need be known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Off {
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Who did it; empty if it does not say.
    pub by: String,
    /// Why, in their words.
    pub why: String,
}

impl Off {
    /// Reads what lies there.
    pub fn open(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}

/// One time that the kill switch was thrown or taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// What was done: `off`, `on`.
    pub action: String,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The latest of them, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Switches {
    schema_version: u32,
    pub(super) switches: Vec<Switched>,
}

impl Switches {
    /// Reads the notes. What cannot be read is taken for none: the next one has to be written all the same.
    pub(super) fn open(bytes: &[u8]) -> Self {
        read(bytes).unwrap_or_default()
    }

    /// Puts one in front; those that are too many at the other end are forgotten. Whether there is anything to write: who
    /// does the same again for the same reason has done it once.
    pub(super) fn note(&mut self, next: Switched) -> bool {
        let same = |last: &Switched| {
            (&last.action, &last.by, &last.why) == (&next.action, &next.by, &next.why)
        };
        let is_new = !self.switches.first().is_some_and(same);
        if is_new {
            self.switches.insert(0, next);
            self.switches.truncate(MAX_SWITCHES);
        }
        is_new
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("it has only JSON types")
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self { schema_version: SCHEMA_VERSION, switches: Vec::new() }
    }
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
    sha256(bytes)
}

/// Whether this can be what a thing is filed by.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Checks that what lies under a key is what was put there.
pub(super) fn check_hash(
    key: &str,
    bytes: &[u8],
    wanted: &str,
) -> Result<(), InvalidFile> {
    let found = hash(bytes);
    if found == wanted {
        return Ok(());
    }
    let why = format!("its content has the SHA-256 {found}, so it is not what was filed");
    Err(InvalidFile { key: key.to_owned(), why })
}

/// Opens the datafile with this hash, out of what lies under its key.
///
/// # Errors
/// It is larger than [`MAX_DATAFILE_BYTES`], has another hash, or cannot be read by this engine.
pub fn open_datafile(bytes: Vec<u8>, hash: &str) -> Result<Datafile, InvalidFile> {
    let key = key_of_datafile(hash);
    check_size(&key, &bytes)?;
    check_hash(&key, &bytes, hash)?;
    open_under(key, bytes)
}

/// Opens the datafile that was put there by hand, under [`BY_HAND`].
///
/// # Errors
/// It is larger than [`MAX_DATAFILE_BYTES`], or cannot be read by this engine.
pub fn open_datafile_by_hand(bytes: Vec<u8>) -> Result<Datafile, InvalidFile> {
    check_size(BY_HAND, &bytes)?;
    open_under(BY_HAND.to_owned(), bytes)
}

fn check_size(key: &str, bytes: &[u8]) -> Result<(), InvalidFile> {
    let length = bytes.len();
    if length <= MAX_DATAFILE_BYTES {
        return Ok(());
    }
    let why = format!("it has {length} bytes, more than {MAX_DATAFILE_BYTES}");
    Err(InvalidFile { key: key.to_owned(), why })
}

fn open_under(key: String, bytes: Vec<u8>) -> Result<Datafile, InvalidFile> {
    Datafile::open(bytes).map_err(|error| {
        let why = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        InvalidFile { key, why }
    })
}

/// JSON of a shape of ours, in a version that is known.
fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u32,
    }
    // The version first: another one may have another shape.
    let version: Version = serde_json::from_slice(bytes)
        .map_err(|error| format!("it cannot be read: {error}"))?;
    let found = version.schema_version;
    if found != SCHEMA_VERSION {
        return Err(format!(
            "its schema_version is {found}, and this engine reads {SCHEMA_VERSION}"
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| format!("it cannot be read: {error}"))
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
