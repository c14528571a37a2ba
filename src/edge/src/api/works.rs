//! Working copies: what somebody is writing on one experiment, which no visitor sees before it is published.

use edgewise_engine::Moment;
use edgewise_engine::registry::{Store as _, StoreError, When};
use fastly::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::problem::Problem;
use crate::registry::Kv;

const PREFIX: &str = "work-";

/// The most working copies: as many as a draft may have experiments.
const MAX_COPIES: usize = 1_000;

/// A working copy as it lies in the store.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) by: String,
    pub(super) at: Moment,
    /// The revision that was live when it was begun; 0 if none was.
    pub(super) base: u64,
    /// What the client called the request that made it, so that the same request twice makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) made_by: Option<String>,
    pub(super) experiment: Value,
}

/// A working copy and the store's number for this state of it.
pub(super) struct Found {
    pub(super) work: Work,
    pub(super) generation: u64,
}

fn key_of(experiment: &str) -> String {
    format!("{PREFIX}{experiment}")
}

/// The working copy of an experiment.
pub(super) fn read(kv: &Kv, experiment: &str) -> Result<Option<Found>, Problem> {
    let Some(stored) = kv.get(&key_of(experiment))? else { return Ok(None) };
    let work = serde_json::from_slice(&stored.bytes).map_err(|error| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store-unreadable",
            format!("the working copy of {experiment:?} cannot be read: {error}"),
            "Delete it; what is published is not affected.",
        )
    })?;
    Ok(Some(Found { work, generation: stored.generation }))
}

/// Writes a working copy and gives its generation; none if somebody else has written it again by now.
pub(super) fn write(
    kv: &Kv,
    experiment: &str,
    work: &Work,
    when: When,
) -> Result<Option<u64>, StoreError> {
    let key = key_of(experiment);
    let bytes = serde_json::to_vec(work)
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    kv.put(&key, &bytes, when)?;
    // The store tells its number only to readers.
    let stored = kv.get(&key)?.filter(|stored| stored.bytes == bytes);
    Ok(stored.map(|stored| stored.generation))
}

/// Refuses one more working copy where there are too many. Of those who begin one at the same time, all may: the store
/// does not count.
pub(super) fn check_room(kv: &Kv, experiment: &str) -> Result<(), Problem> {
    let keys = keys(kv)?;
    let is_there = keys.binary_search_by(|key| key.as_str().cmp(experiment)).is_ok();
    if is_there || keys.len() < MAX_COPIES {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::CONFLICT,
        "too-many-copies",
        format!("there are {} working copies, and {MAX_COPIES} are the most", keys.len()),
        "Publish or delete those that nobody works on any more.",
    ))
}

/// Removes a working copy.
pub(super) fn delete(kv: &Kv, experiment: &str) -> Result<(), StoreError> {
    kv.delete(&key_of(experiment))
}

/// The experiments that have one, in order.
pub(super) fn keys(kv: &Kv) -> Result<Vec<String>, StoreError> {
    let keys = kv.keys(PREFIX)?;
    Ok(keys
        .iter()
        .filter_map(|key| key.strip_prefix(PREFIX))
        .map(str::to_owned)
        .collect())
}
