//! Whether everything is in its place: the service's parts, and an experiment's changes on its page.

use edgewise_engine::{
    ChangeReport, Datafile, Experiment, Facts, PageRule, PathRule, Plan,
};
use fastly::Response;
use fastly::http::StatusCode;
use fastly::log::Endpoint;
use serde_json::{Value, json};

use super::call::{Answer, Call, json, no_experiment, registry, store};
use super::drafts::{self, LiveText};
use super::looking;
use super::pages;
use super::problem::{Problem, entries};
use super::works;
use crate::access::ACCESS_TOKENS;
use crate::visit::SIGNING_KEY;
use crate::{log, store as stores};

/// Says of each part whether it works.
pub(super) fn read(call: &mut Call<'_>) -> Response {
    let word = |is_well: bool| if is_well { "ok" } else { "missing" };
    let datafile = call.context.datafile.current();
    let kv = store();
    let mut detail = Vec::new();
    let (mut revision, mut off) = (None, None);
    let kv_store = match &kv {
        Ok(kv) => {
            match registry(kv).live().and_then(|live| Ok((live, registry(kv).off()?))) {
                Ok((live, found)) => {
                    revision = live.map(|(live, _)| live.revision);
                    off = found;
                    "ok"
                }
                Err(error) => {
                    detail.push(format!("KV store: {error}"));
                    "failing"
                }
            }
        }
        Err(_) => "missing",
    };
    let secret = |name| word(stores::secret(name).is_some());
    let secrets =
        json!({ ACCESS_TOKENS: secret(ACCESS_TOKENS), SIGNING_KEY: secret(SIGNING_KEY) });
    let log_endpoint = word(Endpoint::try_from_name(log::ENDPOINT).is_ok());
    let is_well = datafile.is_some()
        && kv_store == "ok"
        && [&secrets[ACCESS_TOKENS], &secrets[SIGNING_KEY]]
            .iter()
            .all(|one| **one == "ok");
    let answer = json!({
        "status": if is_well { "ok" } else { "failing" },
        "datafile": word(datafile.is_some()),
        "kv_store": kv_store,
        "secrets": secrets,
        "log": log_endpoint,
        "revision": revision,
        "serving": datafile.map(|datafile| datafile.revision()),
        "off": off,
        "detail": detail,
        "served_by": fastly::compute_runtime::pop(),
    });
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &answer)
}

/// What there is of an experiment to look at: its working copy, or what is served.
fn find(call: &mut Call<'_>, key: &str) -> Result<(Datafile, &'static str), Problem> {
    let kv = store()?;
    if let Some(found) = works::read(&kv, key)? {
        let text = LiveText::read(&kv)?;
        let live = text.draft()?;
        let (datafile, problems) = drafts::try_alone(&live, key, found.work.experiment)?;
        let datafile =
            datafile.ok_or_else(|| Problem::draft(entries(&problems, Some((0, key)))))?;
        return Ok((datafile, "working copy"));
    }
    let datafile = call.context.datafile.current().ok_or_else(|| no_experiment(key))?;
    Ok(((*datafile).clone(), "live"))
}

/// How each change fares on the page now.
pub(super) fn of_experiment(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let (datafile, of) = find(call, &key)?;
    let experiment = datafile.experiment(&key).ok_or_else(|| no_experiment(&key))?;
    let path = match call.query("path")? {
        Some(path) if pages::is_path(&path) => path,
        Some(_) => return Err(pages::bad_path("")),
        None => first_page(experiment).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "no-page",
                format!("no page rule of {key:?} names one page"),
                "Add ?path= and the path of a page that it is for.",
            )
        })?,
    };
    let mut variants = Vec::new();
    let mut page = Value::Null;
    for variant in &experiment.variants {
        if variant.changes.is_empty() {
            continue;
        }
        // The page is always looked at once.
        if !variants.is_empty() && call.budget.is_spent() {
            variants.push(json!({
                "variant": variant.key, "changes": [], "stopped": "not-looked-at",
            }));
            continue;
        }
        let mut found = looking::fetch(call, &path)?;
        let described = looking::describe(&found);
        let plan = Plan::for_variants([(experiment, variant)], &Facts::default());
        let seen = looking::look(&mut found, &plan, &call.budget);
        let report = seen.report;
        if page.is_null() {
            page = described;
            page["bytes"] = seen.bytes.into();
            page["framework"] =
                json!(report.as_ref().and_then(|report| report.framework));
        }
        let shown = report.iter().flat_map(|report| &report.experiments);
        let changes: Vec<_> =
            shown.flat_map(|one| &one.changes).enumerate().map(describe).collect();
        let no_page = report.is_none().then_some("not-a-page");
        variants.push(json!({
            "variant": variant.key, "changes": changes, "stopped": seen.stopped.or(no_page),
        }));
    }
    let is_broken = |change: &Value| change["applied"] == 0;
    let broken = variants.iter().any(|one| {
        !one["stopped"].is_null()
            || one["changes"]
                .as_array()
                .is_some_and(|changes| changes.iter().any(is_broken))
    });
    let answer = json!({
        "key": key,
        "of": of,
        "path": path,
        "status": if broken { "broken" } else { "ok" },
        "page": page,
        "variants": variants,
    });
    Ok(json(StatusCode::OK, &answer))
}

fn describe((index, change): (usize, &ChangeReport<'_>)) -> Value {
    let mut value = serde_json::to_value(change).unwrap_or_default();
    value["index"] = index.into();
    value
}

/// The first page that a rule names outright.
fn first_page(experiment: &Experiment) -> Option<String> {
    experiment.pages.include.iter().find_map(|rule: &PageRule| match &rule.path {
        PathRule::Exact(path) if pages::is_path(path) => Some(path.clone()),
        _ => None,
    })
}
