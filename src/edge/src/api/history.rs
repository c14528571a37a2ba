//! Who published what, when and why.

use edgewise_engine::registry::Record;
use fastly::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Call, json, registry, store};
use super::problem::Problem;

/// The most records that one answer lists.
const MAX_RECORDS: usize = 100;

/// How many records are read for one answer: each is a read of the store.
const MAX_READ: usize = 200;

/// A record with its hash.
pub(super) fn with_hash(hash: &str, record: &Record) -> Value {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    value["record"] = hash.into();
    value
}

/// The records, the latest first; and at the beginning of the list, who threw the kill switch and took it back.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let limit = call.number("limit", 20, MAX_RECORDS)?;
    let (experiment, actor) = (call.query("experiment")?, call.query("actor")?);
    let cursor = cursor(call)?;
    let is_wanted = |record: &Record| {
        experiment.as_ref().is_none_or(|key| record.experiments.contains(key))
            && actor.as_ref().is_none_or(|name| record.by == *name)
    };
    let kv = store()?;
    let switches = match &cursor {
        None => registry(&kv).switches()?,
        Some(_) => Vec::new(),
    };
    let page = collect(call, &kv, cursor, limit, is_wanted)?;
    let entries: Vec<_> =
        page.records.iter().map(|(hash, record)| with_hash(hash, record)).collect();
    Ok(json(
        StatusCode::OK,
        &json!({ "entries": entries, "next_cursor": page.next, "switches": switches }),
    ))
}

/// Where the list goes on.
pub(super) fn cursor(call: &Call<'_>) -> Result<Option<String>, Problem> {
    let Some(cursor) = call.query("cursor")? else { return Ok(None) };
    let is_hash = |text: &str| {
        text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    if is_hash(&cursor) {
        return Ok(Some(cursor));
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid-query",
        "\"cursor\" is not one that the list gave",
        "Send back the \"next_cursor\" of the answer before, or leave it out.",
    ))
}

/// Some records, and where the list goes on.
pub(super) struct Found {
    pub(super) records: Vec<(String, Record)>,
    pub(super) next: Option<String>,
}

/// Reads records until there are enough, or too many have been read, or it has taken too long.
pub(super) fn collect(
    call: &Call<'_>,
    kv: &crate::registry::Kv,
    cursor: Option<String>,
    limit: usize,
    is_wanted: impl Fn(&Record) -> bool,
) -> Result<Found, Problem> {
    let mut records = Vec::new();
    let mut next = cursor;
    let mut read = 0;
    let may_go_on = || !call.budget.is_spent();
    let registry = registry(kv).walking_while(&may_go_on);
    loop {
        let found = registry.history(limit.min(20), next.as_deref())?;
        read += found.len();
        next = None;
        for (hash, record) in found {
            next.clone_from(&record.previous);
            if is_wanted(&record) {
                records.push((hash, record));
            }
            if records.len() >= limit {
                return Ok(Found { records, next });
            }
        }
        if next.is_none() || read >= MAX_READ || !may_go_on() {
            return Ok(Found { records, next });
        }
    }
}
