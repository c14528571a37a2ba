//! What an experiment was in earlier revisions.

use edgewise_engine::registry::{Part, Record, RegistryError, diff};
use fastly::http::StatusCode;
use fastly::http::header::CACHE_CONTROL;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::call::{
    Answer, Call, json, no_experiment, no_revision, registry, revision, store,
};
use super::drafts::{self, LiveText};
use super::problem::Problem;
use super::{history, works};
use crate::registry::Kv;

/// The revisions in which it changed, the latest first.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let limit = call.number("limit", 20, 100)?;
    let cursor = history::cursor(call)?;
    let kv = store()?;
    let is_first = cursor.is_none();
    let is_its = |record: &Record| record.experiments.contains(&key);
    let found = history::collect(call, &kv, cursor, limit, is_its)?;
    if is_first && found.records.is_empty() && found.next.is_none() {
        let is_there = LiveText::read(&kv)?.draft()?.experiment(&key).is_some()
            || works::read(&kv, &key)?.is_some();
        if !is_there {
            return Err(no_experiment(&key));
        }
    }
    let about = format!("{key:?}");
    let version = |(hash, record): &(String, Record)| {
        let mut entry = history::with_hash(hash, record);
        let mut changes = record.changes.clone();
        changes.retain(|line| line.starts_with(&about));
        entry["changes"] = changes.into();
        entry
    };
    let versions: Vec<_> = found.records.iter().map(version).collect();
    let answer = json!({ "versions": versions, "next_cursor": found.next });
    Ok(json(StatusCode::OK, &answer))
}

/// The draft of a revision, with that revision's record.
fn at(
    call: &Call<'_>,
    kv: &Kv,
    revision: u64,
) -> Result<(String, Record, String), Problem> {
    let may_go_on = || !call.budget.is_spent();
    let registry = registry(kv).walking_while(&may_go_on);
    let missing = || no_revision(&revision.to_string());
    let (hash, record) = registry.find(revision)?.ok_or_else(missing)?;
    if !may_go_on() {
        return Err(RegistryError::GivenUp(revision).into());
    }
    let draft = registry.draft_of(&record)?;
    Ok((hash, record, draft))
}

/// A revision's record with what the experiment was then.
#[derive(Serialize)]
struct Version<'v> {
    #[serde(flatten)]
    record: Value,
    experiment: &'v RawValue,
}

/// One of them.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let revision = revision(&call.parts[1])?;
    let kv = store()?;
    let (hash, record, draft) = at(call, &kv, revision)?;
    let draft = drafts::outline(&draft)?;
    let experiment = draft.experiment(&key).ok_or_else(|| no_experiment(&key))?;
    let record = history::with_hash(&hash, &record);
    let answer = Version { record, experiment: experiment.raw() };
    // What was published never changes.
    Ok(json(StatusCode::OK, &answer)
        .with_header(CACHE_CONTROL, "private, max-age=86400, immutable"))
}

/// What is different between two of them, in plain words.
pub(super) fn compare(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let range = call.parts[1].as_str();
    let (from, to) = range.split_once("..").ok_or_else(|| no_revision(range))?;
    let (from, to) = (revision(from)?, revision(to)?);
    let kv = store()?;
    let (before, after) = (at(call, &kv, from)?.2, at(call, &kv, to)?.2);
    let (before, after) = (drafts::outline(&before)?, drafts::outline(&after)?);
    let (before, after) = (before.experiment(&key), after.experiment(&key));
    let changes = match (before, after) {
        (None, None) => return Err(no_experiment(&key)),
        (Some(before), Some(after)) if before.text() == after.text() => Vec::new(),
        _ => {
            let draft = |one: Option<&Part<'_>>| {
                let one = one.map(drafts::whole).transpose()?;
                Ok::<_, Problem>(json!({ "experiments": Vec::from_iter(one) }))
            };
            diff(&draft(before)?, &draft(after)?)
        }
    };
    let answer = json!({ "from": from, "to": to, "changes": changes });
    Ok(json(StatusCode::OK, &answer))
}
