//! The draft that is live, and what would come of publishing another one.

use std::collections::BTreeMap;

use edgewise_engine::registry::Live;
use edgewise_engine::{Datafile, Problems, publish};
use fastly::http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::{Answer, Call, json, registry, store};
use super::problem::{Problem, entries};
use super::works;
use crate::registry::Kv;

/// What to do with drafts that take too long here.
pub(super) const BY_COMMAND: &str = "Publish a draft as large as this with `edgewise publish --to-fastly`, which checks it on your machine.";

/// What publishing or validating a draft takes here, microseconds of CPU time: for each experiment, for each change, and
/// for each KiB of text. Measured; API.md tells how.
const PER_EXPERIMENT: usize = 500;
const PER_CHANGE: usize = 16;
const PER_KIB: usize = 25;

/// The most that is begun here. Fastly ends requests at 50 ms, and some of that is for the store.
const MOST: usize = 40_000;

/// What is live.
pub(super) struct LiveDraft {
    /// 0 if nothing has been published.
    pub(super) revision: u64,
    pointer: Option<Live>,
    /// Without experiments if nothing has been published, or if what is live was put there by hand.
    draft: Value,
    /// How long it is as text.
    bytes: usize,
    /// Where each experiment stands in it.
    places: BTreeMap<String, usize>,
}

impl LiveDraft {
    pub(super) fn read(kv: &Kv) -> Result<Self, Problem> {
        let registry = registry(kv);
        let Some((live, _)) = registry.live()? else {
            let draft = json!({ "experiments": [] });
            let places = BTreeMap::new();
            return Ok(Self { revision: 0, pointer: None, draft, bytes: 0, places });
        };
        let text = registry.draft(&live)?;
        let draft = parse(&text)?;
        let key = |one: &Value| one.get("key")?.as_str().map(str::to_owned);
        let keys = experiments_of(&draft).iter().map(key).enumerate();
        let places = keys.filter_map(|(place, key)| Some((key?, place))).collect();
        let (revision, bytes) = (live.revision, text.len());
        Ok(Self { revision, pointer: Some(live), draft, bytes, places })
    }

    /// Refuses what would take too long to publish with one experiment more, or another in its place, where so many
    /// milliseconds went into finding it.
    pub(super) fn check_size(
        &self,
        more: Option<&Value>,
        used: u64,
    ) -> Result<(), Problem> {
        let more_bytes = more.map_or(0, |one| one.to_string().len());
        let all = self.experiments().iter().chain(more);
        let (takes, words) = estimate(all, self.bytes + more_bytes);
        admit(takes + usize::try_from(used).unwrap_or(MOST).saturating_mul(1_000), &words)
    }

    pub(super) fn experiments(&self) -> &[Value] {
        experiments_of(&self.draft)
    }

    pub(super) fn experiment(&self, key: &str) -> Option<&Value> {
        self.experiments().get(*self.places.get(key)?)
    }

    /// The word for where an experiment is in its life; none if it is not live.
    pub(super) fn status(&self, key: &str) -> Option<&str> {
        let experiment = self.experiment(key)?;
        Some(experiment.get("status").and_then(Value::as_str).unwrap_or("draft"))
    }

    /// The draft with this experiment in it, and its place there.
    fn with(&self, key: &str, experiment: Value) -> (Value, usize) {
        let mut draft = self.draft.clone();
        let Some(all) = draft.get_mut("experiments").and_then(Value::as_array_mut) else {
            return (json!({ "experiments": [experiment] }), 0);
        };
        let place = self.places.get(key).copied().unwrap_or(all.len());
        if place < all.len() {
            all[place] = experiment;
        } else {
            all.push(experiment);
        }
        (draft, place)
    }

    /// What is served of it.
    fn datafile(&self, kv: &Kv) -> Result<Option<Datafile>, Problem> {
        let datafile = self.pointer.as_ref().map(|live| registry(kv).datafile(live));
        Ok(datafile.transpose()?)
    }
}

pub(super) fn experiments_of(draft: &Value) -> &[Value] {
    let list = draft.get("experiments").and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

pub(super) fn find<'d>(draft: &'d Value, key: &str) -> Option<&'d Value> {
    let is_it = |one: &&Value| one.get("key").and_then(Value::as_str) == Some(key);
    experiments_of(draft).iter().find(is_it)
}

pub(super) fn parse(draft: &str) -> Result<Value, Problem> {
    serde_json::from_str(draft.trim_start_matches('\u{feff}')).map_err(|error| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store-unreadable",
            format!("the draft in the store is not JSON: {error}"),
            "Publish a whole draft, or go back to an earlier revision.",
        )
    })
}

/// The experiment as it would be published: where it is in its life is for transitions to say once visitors may be in
/// it. A new one runs, unless it says that it is a draft or paused.
pub(super) fn as_published(mut experiment: Value, live: Option<&str>) -> Value {
    match live {
        Some(status @ ("running" | "paused" | "stopped")) => {
            experiment["status"] = status.into();
        }
        _ if experiment.get("status").is_none() => {
            experiment["status"] = "running".into();
        }
        _ => {}
    }
    experiment
}

/// Refuses what would take longer than a request may.
pub(super) fn check_size(draft: &Value, bytes: usize) -> Result<(), Problem> {
    let (takes, words) = estimate(experiments_of(draft).iter(), bytes);
    admit(takes, &words)
}

/// What publishing these would take, microseconds, and how much of what that is.
fn estimate<'d>(
    experiments: impl Iterator<Item = &'d Value>,
    bytes: usize,
) -> (usize, String) {
    let list = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_array).map_or(0, Vec::len)
    };
    let (mut count, mut changes) = (0, 0);
    for experiment in experiments {
        count += 1;
        let variants = experiment.get("variants").and_then(Value::as_array);
        changes +=
            variants.into_iter().flatten().map(|one| list(one, "changes")).sum::<usize>();
    }
    let takes = count * PER_EXPERIMENT + changes * PER_CHANGE + bytes / 1024 * PER_KIB;
    (
        takes,
        format!("a draft of {count} experiments, {changes} changes and {bytes} bytes"),
    )
}

fn admit(takes: usize, words: &str) -> Result<(), Problem> {
    if takes <= MOST {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        format!(
            "{words} takes about {} ms of CPU time, and here {} are the most",
            takes.div_ceil(1_000),
            MOST / 1_000
        ),
        BY_COMMAND,
    ))
}

fn verdict(datafile: Option<&Datafile>, problems: &[Value]) -> Value {
    json!({ "valid": datafile.is_some(), "problems": problems })
}

/// What would be said to publishing this experiment now: by default its working copy. What is wrong is the answer, and
/// no error.
pub(super) fn validate_experiment(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let kv = store()?;
    let live = LiveDraft::read(&kv)?;
    let experiment = if call.body.is_empty() {
        let work = works::read(&kv, &key)?.map(|found| found.work.experiment);
        let found = work.or_else(|| live.experiment(&key).cloned());
        found.ok_or_else(|| super::call::no_experiment(&key))?
    } else {
        let sent = call.json()?;
        super::experiments::check(&sent, &key)?;
        sent
    };
    let (datafile, problems, index) = try_out(&kv, &live, &key, experiment)?;
    let problems = entries(&problems, Some((index, &key)));
    Ok(json(StatusCode::OK, &verdict(datafile.as_ref(), &problems)))
}

/// What publishing this experiment would give: the datafile, what is to be said about it, and its place there.
pub(super) fn try_out(
    kv: &Kv,
    live: &LiveDraft,
    key: &str,
    experiment: Value,
) -> Result<(Option<Datafile>, Problems, usize), Problem> {
    let experiment = as_published(experiment, live.status(key));
    let (draft, index) = live.with(key, experiment);
    let text = draft.to_string();
    check_size(&draft, text.len())?;
    let (datafile, problems) = publish(&text, live.datafile(kv)?.as_ref());
    Ok((datafile, problems, index))
}

/// The datafile of this experiment alone, to look at what it does to pages. Who takes part does not matter there, and
/// may hang on the others.
pub(super) fn try_alone(
    live: &LiveDraft,
    key: &str,
    experiment: Value,
) -> Result<(Option<Datafile>, Problems), Problem> {
    let mut experiment = as_published(experiment, live.status(key));
    if let Some(fields) = experiment.as_object_mut() {
        fields.remove("audience");
    }
    let settings = live.draft.as_object().into_iter().flatten();
    let settings = settings.filter(|(name, _)| *name != "experiments");
    let mut draft: Map<_, _> =
        settings.map(|(name, value)| (name.clone(), value.clone())).collect();
    draft.insert("experiments".into(), json!([experiment]));
    let draft = Value::from(draft);
    let text = draft.to_string();
    check_size(&draft, text.len())?;
    Ok(publish(&text, None))
}

/// What would be said to publishing this draft now.
pub(super) fn validate_draft(call: &mut Call<'_>) -> Answer {
    let text = String::from_utf8(std::mem::take(&mut call.body)).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-json",
            "the body is not text",
            "Send one JSON value, in UTF-8.",
        )
    })?;
    // What is no JSON is a problem that validation tells.
    let draft: Value = serde_json::from_str(&text).unwrap_or_default();
    check_size(&draft, text.len())?;
    let kv = store()?;
    let live = LiveDraft::read(&kv)?;
    let (datafile, problems) = publish(&text, live.datafile(&kv)?.as_ref());
    let verdict = verdict(datafile.as_ref(), &entries(&problems, None));
    Ok(json(StatusCode::OK, &verdict))
}
