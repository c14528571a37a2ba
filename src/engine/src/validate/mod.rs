//! `Draft → Datafile`, or everything that is wrong with it at once.

mod audience;
mod change;
mod comparison;
mod destination;
mod image;
mod imported;
mod page;
mod schedule;
mod settings;
mod test;
mod together;
mod token;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::datafile::Datafile;
use crate::draft::{Fields, Place, as_basis_points, as_list, as_text, wrong_kind};
use crate::experiment::{Experiment, Hypothesis, Rendering, Status, Variant};
use crate::hash::BUCKETS;
use crate::key::{ExperimentKey, InvalidKey, MAX_LENGTH, VariantKey};
use crate::problem::Problems;
use crate::settings::Settings;

/// The most experiments in a draft.
pub const MAX_EXPERIMENTS: usize = 1_000;
/// The most variants of an experiment, control included.
pub const MAX_VARIANTS: usize = 10;
/// The most changes of a variant.
pub const MAX_CHANGES: usize = 200;
/// The longest HTML or CSS of a change, bytes.
pub const MAX_MARKUP: usize = 64 * 1024;
/// The fewest characters of each part of a hypothesis.
pub const MIN_HYPOTHESIS: usize = 10;

pub(crate) use self::together::share_of;

/// Checks a draft whole and numbers the result.
///
/// The draft is JSON text. What is wrong comes back in the draft's order, warnings among it; there is a datafile
/// unless one of the problems is an error.
///
/// ```
/// let (datafile, problems) = edgewise_engine::validate(r#"{"experiment": []}"#, 1);
/// assert!(datafile.is_none());
/// assert_eq!(problems.iter().next().unwrap().message, "\"experiments\" is missing");
/// ```
pub fn validate(draft: &str, revision: u64) -> (Option<Datafile>, Problems) {
    let mut problems = Problems::default();
    // Some editors write a byte order mark, which JSON does not know.
    let draft = draft.trim_start_matches('\u{feff}');
    let experiments = match serde_json::from_str::<Value>(draft) {
        Ok(value) => read_draft(&value, &mut problems),
        Err(error) => {
            let (message, hint) = if draft.trim().is_empty() {
                ("the draft is empty".to_owned(), EXPERIMENTS_HINT)
            } else if error.is_eof() {
                let line = error.line();
                let message =
                    format!("the draft is not JSON: it ends too early, at line {line}");
                (
                    message,
                    "Close every brace and bracket, or look for a part that got lost.",
                )
            } else {
                let message = format!("the draft is not JSON: {error}");
                (message, "Look at that line and column, or at the line before it.")
            };
            problems.error("not-json", "", message, hint);
            None
        }
    };
    let datafile = experiments.filter(|_| !problems.has_errors());
    let datafile = datafile.map(|(settings, mut experiments)| {
        for experiment in &mut experiments {
            experiment.allocated_in = revision;
        }
        Datafile::new(revision, settings, experiments)
    });
    (datafile, problems)
}

const EXPERIMENTS_HINT: &str =
    "Write {\"experiments\": []}, and in the list one object for each experiment.";

/// What holds for all, and the experiments.
fn read_draft(
    value: &Value,
    problems: &mut Problems,
) -> Option<(Settings, Vec<Experiment>)> {
    let what = "an object such as {\"experiments\": []}";
    let mut fields = Fields::of(value, &Place::root(), what, problems)?;
    let list = fields.required("experiments", EXPERIMENTS_HINT, problems);
    let at = fields.place("experiments");
    let settings = settings::read_settings(&mut fields, problems);
    check_revision(&mut fields, problems);
    fields.finish(problems);
    let items = as_list(list?, &at, problems);
    if items.len() > MAX_EXPERIMENTS {
        problems.error(
            "too-many",
            &at,
            format!(
                "a draft has at most {MAX_EXPERIMENTS} experiments, and this has {}",
                items.len()
            ),
            "Archive those that have ended.",
        );
        return None;
    }
    let hint = "Give each experiment a key of its own; never reuse one, it decides who sees what.";
    let mut keys = BTreeMap::new();
    let mut experiments = Vec::new();
    let mut places = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = at.item(index);
        note_duplicate(&mut keys, item, &at, hint, problems);
        if let Some(experiment) = read_experiment(item, &at, &settings, problems) {
            experiments.push(experiment);
            places.push(at);
        }
    }
    destination::check_redirects(
        &experiments,
        &places,
        &settings.redirect_hosts,
        problems,
    );
    together::fill_layers(&settings.layers, &mut experiments, &places, problems);
    together::weigh(&experiments, problems);
    if experiments.len() == items.len() {
        // What could not be read is not missing, so nothing is said of who asks for it.
        together::check_prerequisites(&experiments, &places, problems);
    }
    Some((settings, experiments))
}

/// Which revision a draft was made from is for whoever publishes it; here it only has to be a number.
fn check_revision(fields: &mut Fields<'_>, problems: &mut Problems) {
    let Some(value) = fields.optional("revision") else { return };
    if value.as_u64().is_none() {
        problems.error(
            "not-a-revision",
            fields.place("revision"),
            "\"revision\" is not the number of a revision",
            "Write the number of the revision that the draft was made from, or leave the field out.",
        );
    }
}

/// Notes that an item has the key of an item before it. Looks at the text as it is written: whatever else is wrong with
/// the items, both have to change.
fn note_duplicate<'a>(
    keys: &mut BTreeMap<&'a str, Place>,
    item: &'a Value,
    at: &Place,
    hint: &str,
    problems: &mut Problems,
) {
    let Some(key) = item.get("key").and_then(Value::as_str) else { return };
    if let Some(first) = keys.get(key) {
        let message = format!("{key:?} is also the key of {first}");
        problems.error("duplicate-key", at.field("key"), message, hint);
    } else {
        keys.insert(key, at.clone());
    }
}

fn read_experiment(
    value: &Value,
    at: &Place,
    settings: &Settings,
    problems: &mut Problems,
) -> Option<Experiment> {
    let mut fields =
        Fields::of(value, at, "an object that describes an experiment", problems)?;
    let key = fields.text("key", KEY_HINT, problems);
    let key = key
        .and_then(|key| checked(ExperimentKey::new(key), &fields.place("key"), problems));
    let name = fields.text("name", "Name it as you would in a conversation.", problems);
    let hashing = imported::read_hashing(&mut fields, problems);
    let status = read_status(&mut fields, problems);
    let hypothesis = read_hypothesis(&mut fields, problems);
    let pages = page::read_pages(&mut fields, problems);
    let rendering = read_rendering(&mut fields, problems);
    let audience = audience::read_audience(&mut fields, problems);
    let schedule = schedule::read_schedule(&mut fields, problems);
    let layer = together::read_layer(&mut fields, &settings.layers, problems);
    let sticky = read_true(&mut fields, "sticky", problems);
    let coverage = imported::read_coverage(&mut fields, schedule.as_ref(), problems);
    let variants = read_variants(&mut fields, rendering, problems);
    fields.finish(problems);

    let (key, hashing) = (key?, hashing?);
    let layout = imported::lay_out(variants?, &coverage, problems)?;
    Some(Experiment {
        seed: hashing.seed(&key),
        hash: hashing.method,
        key,
        name: name?.to_owned(),
        status: status?,
        hypothesis: hypothesis?,
        pages: pages?,
        rendering: rendering?,
        audience,
        schedule: schedule?,
        layer,
        sticky,
        coverage: layout.coverage,
        allocated_in: 0,
        variants: layout.variants,
        ranges_given: layout.ranges_given,
    })
}

/// A field that is true or left out.
fn read_true(
    fields: &mut Fields<'_>,
    name: &'static str,
    problems: &mut Problems,
) -> bool {
    match fields.optional(name) {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(other) => {
            wrong_kind(problems, &fields.place(name), other, "true or false");
            false
        }
    }
}

const KEY_HINT: &str =
    "Use 1 to 64 of a-z, 0-9 and \"-\", for example \"home-headline\".";

fn checked<T>(
    key: Result<T, InvalidKey>,
    at: &Place,
    problems: &mut Problems,
) -> Option<T> {
    let note = |error: InvalidKey| {
        let hint = match nearest_key(error.text()) {
            Some(key) => format!("Write {key:?}, for example."),
            None => KEY_HINT.to_owned(),
        };
        problems.error("not-a-key", at, error.to_string(), hint);
    };
    key.map_err(note).ok()
}

/// A key that reads like `text`, if there is one.
fn nearest_key(text: &str) -> Option<String> {
    let word =
        |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = text.chars().map(word).collect();
    let key = words.split_whitespace().collect::<Vec<_>>().join("-");
    let key: String = key.chars().take(MAX_LENGTH).collect();
    let key = key.trim_end_matches('-');
    (!key.is_empty()).then(|| key.to_owned())
}

fn read_status(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Status> {
    let hint = "Write \"draft\" while you work on it and \"running\" to enrol visitors.";
    let text = fields.text("status", hint, problems)?;
    let status = Status::ALL.into_iter().find(|status| status.as_str() == text);
    if status.is_none() {
        problems.error(
            "not-a-status",
            fields.place("status"),
            format!("{text:?} is not a status"),
            "Write \"draft\", \"running\", \"paused\" or \"stopped\".",
        );
    }
    status
}

fn read_rendering(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Rendering> {
    let Some(value) = fields.optional("rendering") else {
        return Some(Rendering::default());
    };
    let at = fields.place("rendering");
    let text = as_text(value, &at, problems)?;
    let rendering = Rendering::ALL.into_iter().find(|one| one.as_str() == text);
    if rendering.is_none() {
        problems.error(
            "not-a-rendering",
            at,
            format!("{text:?} is not a way that pages are rendered"),
            "Write \"hydrated\" where React, Vue or the like takes the page over, \"static\" where nothing does, \"origin\" where the site renders the variants itself, or \"auto\".",
        );
    }
    rendering
}

fn read_hypothesis(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<Hypothesis> {
    let hint = "Write what you believe, what it will cause, and because of what; it decides what you learn.";
    let value = fields.required("hypothesis", hint, problems)?;
    let mut fields = Fields::of(
        value,
        &fields.place("hypothesis"),
        "an object with \"we_believe\", \"will_cause\" and \"because\"",
        problems,
    )?;
    if value.get("imported_from").is_some() {
        return imported::read_origin(fields, problems);
    }
    let mut part = |name: &'static str, hint: &str| {
        let text = fields.text(name, hint, problems)?;
        if text.trim().chars().count() < MIN_HYPOTHESIS {
            problems.error(
                "hypothesis-too-short",
                fields.place(name),
                format!("{name:?} is shorter than {MIN_HYPOTHESIS} characters"),
                hint,
            );
            return None;
        }
        Some(text.trim().to_owned())
    };
    let we_believe = part("we_believe", "Name what is changed.");
    let will_cause = part("will_cause", "Name the effect, and on which number.");
    let because = part("because", "Name the evidence: what have you seen or heard?");
    fields.finish(problems);
    Some(Hypothesis {
        we_believe: we_believe?,
        will_cause: will_cause?,
        because: because?,
        imported_from: None,
    })
}

fn read_variants(
    fields: &mut Fields<'_>,
    rendering: Option<Rendering>,
    problems: &mut Problems,
) -> Option<Vec<imported::Ranged>> {
    let hint = "List control first, then the versions you want to compare with it.";
    let value = fields.required("variants", hint, problems)?;
    let at = fields.place("variants");
    let items = as_list(value, &at, problems);
    if !(2..=MAX_VARIANTS).contains(&items.len()) {
        problems.error(
            "variant-count",
            &at,
            format!(
                "an experiment has 2 to {MAX_VARIANTS} variants, and this has {}",
                items.len()
            ),
            if items.len() > MAX_VARIANTS {
                "Compare fewer versions; each needs enough visitors to tell."
            } else {
                hint
            },
        );
    }
    let mut variants = Vec::with_capacity(items.len());
    let mut keys = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let at = at.item(index);
        let hint = "Give each variant a key of its own.";
        note_duplicate(&mut keys, item, &at, hint, problems);
        variants.extend(read_variant(item, &at, index == 0, rendering, problems));
    }
    // Where a weight is missing or no number, that was said, and their sum would say nothing.
    let weights = items.iter().map(|item| item.get("weight")?.as_u64());
    let weights: Option<Vec<_>> = weights.collect();
    let weights =
        weights.filter(|all| all.iter().all(|weight| *weight <= BUCKETS.into()));
    let sum = weights?.iter().sum::<u64>();
    if sum != u64::from(BUCKETS) && !items.is_empty() {
        problems.error(
            "weights-not-whole",
            &at,
            format!("the weights add up to {sum}, not {BUCKETS}"),
            "Raise or lower one variant until they do; 5000 is half of the visitors.",
        );
        return None;
    }
    (variants.len() == items.len() && !variants.is_empty()).then_some(variants)
}

fn read_variant(
    value: &Value,
    at: &Place,
    control: bool,
    rendering: Option<Rendering>,
    problems: &mut Problems,
) -> Option<imported::Ranged> {
    let mut fields =
        Fields::of(value, at, "an object that describes a variant", problems)?;
    let key = fields.text("key", KEY_HINT, problems);
    let key =
        key.and_then(|key| checked(VariantKey::new(key), &fields.place("key"), problems));
    let name = fields.text("name", "Name it as you would in a conversation.", problems);
    let weight = fields.required(
        "weight",
        "Write its share in hundredths of a percent: 5000 is half.",
        problems,
    );
    let weight = weight
        .and_then(|value| as_basis_points(value, &fields.place("weight"), problems));
    let stopped = read_true(&mut fields, "stopped", problems);
    if stopped && control {
        problems.error(
            "control-is-stopped",
            fields.place("stopped"),
            "control, the first variant, is stopped",
            "Without it there is nothing to compare with; stop the experiment instead.",
        );
    }
    let ranges = imported::read_ranges(&mut fields, problems);
    let led = destination::read_destination(&mut fields, control, problems);
    let changes_at = fields.place("changes");
    let changes = fields.optional("changes");
    fields.finish(problems);
    let items =
        changes.map(|value| as_list(value, &changes_at, problems)).unwrap_or_default();
    if control && !items.is_empty() {
        problems.error(
            "control-has-changes",
            &changes_at,
            "control, the first variant, has changes",
            "Leave the first variant as the page is, and put the changes into another.",
        );
    }
    let none = changes.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
    if led.redirects && !none {
        problems.error(
            "redirect-has-changes",
            &changes_at,
            "this variant redirects, so there is no page to change",
            "Leave the changes out, or put them into an experiment on the page it leads to.",
        );
    }
    let by_origin = rendering == Some(Rendering::Origin);
    if by_origin && !none && !control {
        problems.error(
            "origin-has-changes",
            &changes_at,
            "the site renders this variant itself, and it has changes",
            "Leave the changes out, or leave out \"rendering\".",
        );
    }
    if !control && none && !led.written && !by_origin {
        problems.warning(
            "no-changes",
            at,
            "this variant shows the same page as control",
            "That is right for an A/A experiment; otherwise add a change.",
        );
    }
    if items.len() > MAX_CHANGES {
        problems.error(
            "too-many",
            &changes_at,
            format!(
                "a variant has at most {MAX_CHANGES} changes, and this has {}",
                items.len()
            ),
            "Replace the HTML of one larger element instead of many small ones.",
        );
    }
    let changes: Vec<_> = items.iter().take(MAX_CHANGES).enumerate().collect();
    let changes = changes
        .into_iter()
        .filter_map(|(index, item)| {
            change::read_change(item, &changes_at.item(index), problems)
        })
        .collect();
    // Ranges that are not given follow once all weights are known.
    let allocation = crate::allocation::Allocation::default();
    let variant = Variant {
        key: key?,
        name: name?.to_owned(),
        weight: weight?,
        allocation,
        stopped,
        redirect: led.redirect,
        page: led.page,
        changes,
    };
    Some(imported::Ranged { variant, ranges: ranges?, at: at.clone() })
}
