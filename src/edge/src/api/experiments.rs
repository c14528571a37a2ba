//! Experiments as they are being written: the working copy of each, or what is live where there is none.

use edgewise_engine::registry::{Part, When};
use edgewise_engine::{ExperimentKey, Moment, Status};
use fastly::Response;
use fastly::http::StatusCode;
use fastly::http::header::{ETAG, LOCATION};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::call::{
    Answer, Call, Condition, condition_needed, json, no_experiment, stale, store,
};
use super::density;
use super::drafts::{self, LiveDraft, LiveText};
use super::problem::Problem;
use super::transitions;
use super::works::{self, Found, Work};
use crate::header;
use crate::registry::Kv;

/// The most experiments that one answer lists.
const MAX_LISTED: usize = 100;

/// The longest name of a request, bytes.
const MAX_IDEMPOTENCY_KEY: usize = 200;

/// An experiment and where it stands.
struct State<'s> {
    key: &'s str,
    live: &'s LiveDraft<'s>,
    found: Option<&'s Found>,
}

/// All there is to know of it.
#[derive(Serialize)]
struct Whole<'w> {
    #[serde(flatten)]
    summary: Value,
    live_revision: u64,
    base: Option<u64>,
    allowed: Vec<&'static str>,
    experiment: Written<'w>,
}

/// An experiment as it is being written, or as it stands in the live draft.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'w> {
    Work(&'w Value),
    Live(&'w RawValue),
    Nowhere,
}

impl<'s> State<'s> {
    fn is_there(&self) -> bool {
        self.found.is_some() || self.live.experiment(self.key).is_some()
    }

    /// The store's number for the working copy, or the revision where there is none.
    fn tag(&self) -> String {
        match self.found {
            Some(found) => found.generation.to_string(),
            None => format!("live-{}", self.live.revision),
        }
    }

    /// Its name and how many variants it has.
    fn shown(&self) -> (Option<String>, usize) {
        let Some(Found { work, .. }) = self.found else {
            let live = self.live.experiment(self.key);
            let count = live.map_or(0, |one| one.count("variants"));
            return (live.and_then(|one| one.string("name")), count);
        };
        let name = work.experiment.get("name").and_then(Value::as_str);
        let variants = work.experiment.get("variants").and_then(Value::as_array);
        (name.map(str::to_owned), variants.map_or(0, Vec::len))
    }

    fn summary(&self) -> Value {
        let (name, variants) = self.shown();
        let status = self.live.status(self.key);
        json!({
            "key": self.key,
            "name": name,
            "status": status.unwrap_or(Status::Draft),
            "live": status.is_some(),
            "edited": self.found.is_some(),
            "variants": variants,
            "updated_at": self.found.map(|found| found.work.at),
            "updated_by": self.found.map(|found| &found.work.by),
        })
    }

    fn whole(&self) -> Whole<'s> {
        let experiment = match (self.found, self.live.experiment(self.key)) {
            (Some(found), _) => Written::Work(&found.work.experiment),
            (None, Some(live)) => Written::Live(live.raw()),
            (None, None) => Written::Nowhere,
        };
        Whole {
            summary: self.summary(),
            live_revision: self.live.revision,
            base: self.found.map(|found| found.work.base),
            allowed: transitions::allowed(
                self.live.status(self.key),
                self.found.is_some(),
            ),
            experiment,
        }
    }
}

/// All of them by key, or those that are asked for.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let limit = call.number("limit", 50, MAX_LISTED)?;
    let (status, words) = (call.query("status")?, call.query("q")?);
    if let Some(status) = &status
        && !["draft", "running", "paused", "stopped"].contains(&status.as_str())
    {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-query",
            format!("\"status\" is {status:?}"),
            "Write draft, running, paused or stopped.",
        ));
    }
    let cursor = call.query("cursor")?;
    let kv = store()?;
    let text = LiveText::read(&kv)?;
    let live = text.draft()?;
    let works = works::keys(&kv)?;
    let published = live.outline.experiments().iter().filter_map(Part::key);
    let mut keys: Vec<_> = published.chain(works.iter().map(String::as_str)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.retain(|key| cursor.as_deref().is_none_or(|cursor| *key > cursor));
    keys.retain(|key| {
        let found = live.status(key).unwrap_or(Status::Draft);
        status.as_deref().is_none_or(|wanted| wanted == found.as_str())
    });
    let words = words.map(|words| words.to_lowercase());
    let (mut listed, mut next, mut is_whole) = (Vec::new(), None, true);
    for key in keys {
        // There may be more, also where time was over before the list was full.
        if listed.len() >= limit || (next.is_some() && call.budget.is_spent()) {
            is_whole = false;
            break;
        }
        next = Some(key);
        let is_edited = works.binary_search_by(|one| one.as_str().cmp(key)).is_ok();
        let found = if is_edited { works::read(&kv, key)? } else { None };
        let summary = State { key, live: &live, found: found.as_ref() }.summary();
        let name = summary["name"].as_str().unwrap_or_default().to_lowercase();
        if words.as_ref().is_none_or(|words| key.contains(words) || name.contains(words))
        {
            listed.push(summary);
        }
    }
    let next = next.filter(|_| !is_whole);
    let answer = json!({
        "experiments": listed, "next_cursor": next, "live_revision": live.revision,
    });
    Ok(json(StatusCode::OK, &answer))
}

/// One of them.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let kv = store()?;
    let (text, found) = (LiveText::read(&kv)?, works::read(&kv, &key)?);
    let live = text.draft()?;
    let state = State { key: &key, live: &live, found: found.as_ref() };
    if !state.is_there() {
        return Err(no_experiment(&key));
    }
    Ok(call.tagged(&state.tag(), &state.whole()))
}

/// Begins a new one.
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let experiment = call.json()?;
    if !experiment.is_object() {
        let hint = "Send the experiment as it stands in a draft.";
        return Err(Problem::field("", "the body is not an object", hint));
    }
    let hint = "Give it a key: lower-case letters, digits and \"-\".";
    let text = experiment.get("key").and_then(Value::as_str);
    let text = text.ok_or_else(|| Problem::field("/key", "\"key\" is missing", hint))?;
    let key = ExperimentKey::new(text)
        .map_err(|error| Problem::field("/key", error.to_string(), hint))?;
    let key = key.as_str().to_owned();
    call.noted.target = Some(key.clone());
    let made_by = header::text(&call.request, "idempotency-key").map(str::to_owned);
    if made_by.as_ref().is_some_and(|name| name.len() > MAX_IDEMPOTENCY_KEY) {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-idempotency-key",
            "the Idempotency-Key is longer than 200 bytes",
            "Send a random one, as a UUID.",
        ));
    }
    let kv = store()?;
    let text = LiveText::read(&kv)?;
    let live = text.draft()?;
    let taken = || {
        Problem::new(
            StatusCode::CONFLICT,
            "key-taken",
            format!("there is an experiment {key:?} already"),
            "Choose another key, or edit that one.",
        )
    };
    if live.experiment(&key).is_some() {
        return Err(taken());
    }
    let (by, at) = (call.name().to_owned(), call.moment());
    let work = Work { by, at, base: live.revision, made_by, experiment };
    works::check_room(&kv, &key)?;
    match works::write(&kv, &key, &work, When::Absent) {
        Ok(generation) => Ok(made(&key, &live, work, generation)),
        Err(edgewise_engine::registry::StoreError::Changed) => {
            // The same request once more, because its answer got lost.
            let before = works::read(&kv, &key)?.filter(|before| {
                work.made_by.is_some()
                    && before.work.made_by == work.made_by
                    && before.work.experiment == work.experiment
            });
            let before = before.ok_or_else(taken)?;
            Ok(made(&key, &live, before.work, Some(before.generation)))
        }
        Err(error) => Err(error.into()),
    }
}

fn made(
    key: &str,
    live: &LiveDraft<'_>,
    work: Work,
    generation: Option<u64>,
) -> Response {
    written(StatusCode::CREATED, key, live, work, generation)
        .with_header(LOCATION, format!("/_edgewise/api/v1/experiments/{key}"))
}

fn written(
    status: StatusCode,
    key: &str,
    live: &LiveDraft<'_>,
    work: Work,
    generation: Option<u64>,
) -> Response {
    let found = Found { work, generation: generation.unwrap_or_default() };
    let state = State { key, live, found: Some(&found) };
    let response = json(status, &state.whole());
    // Without a tag the client reads it again: somebody else has written it meanwhile.
    match generation {
        Some(generation) => response.with_header(ETAG, format!("\"{generation}\"")),
        None => response,
    }
}

/// Whether this can be the working copy of that experiment. What else is wrong with it, validation tells.
pub(super) fn check(experiment: &Value, key: &str) -> Result<(), Problem> {
    if !experiment.is_object() {
        let hint = "Send the experiment as it stands in a draft.";
        return Err(Problem::field("", "the body is not an object", hint));
    }
    match experiment.get("key") {
        Some(Value::String(found)) if found == key => Ok(()),
        _ => Err(Problem::field(
            "/key",
            format!("\"key\" is not {key:?}"),
            "The key of an experiment never changes; make a new one instead.",
        )),
    }
}

/// Writes a working copy as it is sent.
pub(super) fn replace(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let experiment = call.json()?;
    check(&experiment, &key)?;
    edit(call, &key, |_, _| Ok(experiment))
}

/// Changes some fields of a working copy (RFC 7396).
pub(super) fn patch(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let change = call.json()?;
    if !change.is_object() {
        let hint = "Send an object with the fields that change; null takes one out.";
        return Err(Problem::field("", "the body is not an object", hint));
    }
    edit(call, &key, |found, live| {
        let mut experiment = match (found, live.experiment(&key)) {
            (Some(found), _) => found.work.experiment.clone(),
            (None, Some(live)) => drafts::whole(live)?,
            (None, None) => return Err(no_experiment(&key)),
        };
        merge(&mut experiment, &change);
        check(&experiment, &key)?;
        let text = experiment.to_string();
        let bytes = text.len();
        density::check(text.as_bytes())?;
        if bytes > super::routes::EXPERIMENT {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                format!("the experiment would have {bytes} bytes"),
                "Put long markup into files of the site.",
            ));
        }
        Ok(experiment)
    })
}

/// JSON nests no deeper than its reader allows, 128 levels, so this does not either.
fn merge(target: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        target.clone_from(change);
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(fields) = target.as_object_mut() else { return };
    for (name, value) in change {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

fn edit(
    call: &mut Call<'_>,
    key: &str,
    change: impl FnOnce(Option<&Found>, &LiveDraft<'_>) -> Result<Value, Problem>,
) -> Answer {
    let condition = call.condition()?;
    let kv = store()?;
    let (text, found) = (LiveText::read(&kv)?, works::read(&kv, key)?);
    let live = text.draft()?;
    let state = State { key, live: &live, found: found.as_ref() };
    if !state.is_there() {
        return Err(no_experiment(key));
    }
    let tag = state.tag();
    let when = when(condition, &tag, found.as_ref())?;
    let experiment = change(found.as_ref(), &live)?;
    let (by, at) = (call.name().to_owned(), call.moment());
    let base = found.as_ref().map_or(live.revision, |found| found.work.base);
    let work = Work { by, at, base, made_by: None, experiment };
    if matches!(when, When::Absent) {
        works::check_room(&kv, key)?;
    }
    match works::write(&kv, key, &work, when) {
        Ok(generation) => Ok(written(StatusCode::OK, key, &live, work, generation)),
        Err(edgewise_engine::registry::StoreError::Changed) => Err(changed(&kv, key)),
        Err(error) => Err(error.into()),
    }
}

/// How the store is asked to write; or why it is not.
fn when(condition: Condition, tag: &str, found: Option<&Found>) -> Result<When, Problem> {
    match condition {
        Condition::None => return Err(condition_needed("GET /experiments/{key}")),
        Condition::Tag(sent) if sent != tag => {
            return Err(with_author(stale(tag), found));
        }
        Condition::Absent => return Err(with_author(stale(tag), found)),
        Condition::Tag(_) | Condition::Any => {}
    }
    Ok(found.map_or(When::Absent, |found| When::Unchanged(found.generation)))
}

/// Says who was faster.
fn with_author(problem: Problem, found: Option<&Found>) -> Problem {
    let Some(Found { work, .. }) = found else { return problem };
    let at: Moment = work.at;
    problem
        .with("changed_by", work.by.as_str())
        .with("changed_at", at.to_string())
        .with("current", work.experiment.clone())
}

fn changed(kv: &Kv, key: &str) -> Problem {
    let found = works::read(kv, key).ok().flatten();
    let tag = found.as_ref().map_or(0, |found| found.generation).to_string();
    with_author(stale(&tag), found.as_ref())
}

/// Throws a working copy away. What is live stays.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let condition = call.condition()?;
    let kv = store()?;
    let (text, found) = (LiveText::read(&kv)?, works::read(&kv, &key)?);
    let live = text.draft()?;
    let state = State { key: &key, live: &live, found: found.as_ref() };
    if !state.is_there() {
        return Err(no_experiment(&key));
    }
    when(condition, &state.tag(), found.as_ref())?;
    if found.is_none() {
        let status = live.status(&key);
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "not-allowed",
            format!("{key:?} is live and has no working copy"),
            "What is live is stopped and archived by transitions.",
        )
        .with("allowed", transitions::allowed(status, false)));
    }
    works::delete(&kv, &key)?;
    Ok(Response::from_status(StatusCode::NO_CONTENT))
}
