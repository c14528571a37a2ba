//! The payload that GrowthBook serves to its SDKs. Its visual-editor experiments are taken; features switch parts of
//! programs, and are not.

mod condition;
mod url;
mod variation;

use edgewise_engine::layout::{of_spans, spans_of_weights};
use edgewise_engine::{HashMethod, MAX_EXPERIMENTS, MAX_VARIANTS};
use serde_json::{Value, json};

use self::condition::Fits;
use super::draft::{Draft, Experiment, Keys, group, is_too_large, whole_weights};
use super::pattern::shown;
use super::report::{Loss, Parts, Report, count};
use super::{judge, list, text};

/// The most features that the report tells one by one.
const MAX_NAMED: usize = 1_000;

pub(super) fn import(file: &Value, report: &mut Report) -> Draft {
    let mut draft = Draft { visitor_cookie: Some("gbuuid"), ..Draft::default() };
    let mut keys = Keys::default();
    let experiments = list(file, "experiments");
    for experiment in experiments.iter().take(MAX_EXPERIMENTS) {
        let mut parts = Parts::default();
        match read(experiment, &mut keys, &mut draft, &mut parts) {
            Ok((read, would_be)) => {
                report.imported(&read, would_be, parts);
                draft.experiments.push(read);
            }
            Err(loss) => {
                let key = text(experiment, "key").or(text(experiment, "name"));
                let key = key.map_or_else(|| "without a key".to_owned(), shown);
                report.left_out(format_args!("experiment {key}"), &loss);
            }
        }
    }
    if experiments.len() > MAX_EXPERIMENTS {
        let more = experiments.len() - MAX_EXPERIMENTS;
        let reason = format!("a draft has at most {MAX_EXPERIMENTS} experiments");
        let loss = Loss::new(reason, "Archive those that have ended, and export anew.");
        report.left_out(format_args!("{more} more experiments"), &loss);
    }
    for encrypted in ["encryptedExperiments", "encryptedFeatures"] {
        if file.get(encrypted).is_some() {
            let hint = "Export it with a connection whose payload is plain text.";
            report.left_out(
                format_args!("\"{encrypted}\""),
                &Loss::new("it is encrypted", hint),
            );
        }
    }
    if experiments.is_empty() {
        let hint =
            "Save what the SDK's address answers, with {\"experiments\": […]} in it.";
        report.left_out("everything", &Loss::new("the file has no experiments", hint));
    }
    features(file, report);
    if !draft.experiments.is_empty() {
        report.note(
            "visitors keep their variants because \"visitor_cookie\" takes their ids over from the cookie \"gbuuid\"; where the site gives GrowthBook ids of its own, put those into a cookie and name that one",
        );
    }
    draft
}

fn features(file: &Value, report: &mut Report) {
    let Some(features) = file.get("features").and_then(Value::as_object) else { return };
    let loss = Loss::new(
        "Edgewise changes pages and switches no features",
        "Let the site read the variant: \"rendering\": \"origin\" tells it in a request header.",
    );
    for name in features.keys().take(MAX_NAMED) {
        report.left_out(format_args!("feature {}", shown(name)), &loss);
    }
    if features.len() > MAX_NAMED {
        let more = features.len() - MAX_NAMED;
        report.left_out(format_args!("{more} more features"), &loss);
    }
}

fn read(
    experiment: &Value,
    keys: &mut Keys,
    draft: &mut Draft,
    parts: &mut Parts,
) -> Result<(Experiment, &'static str), Loss> {
    let Some(written) = text(experiment, "key") else {
        return Err(Loss::new(
            "it has no key",
            "Its key decides who sees what; export the payload anew.",
        ));
    };
    let variations = list(experiment, "variations");
    if !(2..=MAX_VARIANTS).contains(&variations.len()) {
        let reason = format!("it has {}", count(variations.len(), "variation"));
        let hint = format!("An experiment has 2 to {MAX_VARIANTS} variants.");
        return Err(Loss::new(reason, hint));
    }
    let version = experiment.get("hashVersion").filter(|version| !version.is_null());
    let hash = match version.map(Value::as_u64) {
        // 0 counts as not given.
        None | Some(Some(0 | 1)) => HashMethod::Growthbook1,
        Some(Some(2)) => HashMethod::Growthbook2,
        Some(_) => {
            let hint = "GrowthBook puts nobody into it either.";
            return Err(Loss::new("its hash is not known", hint));
        }
    };
    let seed = experiment.get("seed").and_then(Value::as_str);
    let seed = seed.filter(|seed| !seed.is_empty()).unwrap_or(written).to_owned();
    let spans = read_spans(experiment, variations.len())?;
    let ranges = of_spans(hash, &spans);
    let weights = whole_weights(&weights(experiment, &spans));

    let would_be = status(experiment, parts);
    held_parts(experiment, parts);
    let (pages, address) = match experiment.get("urlPatterns").and_then(Value::as_array) {
        Some(patterns) => url::read(patterns, parts),
        None => {
            parts.note("it names no pages, so it runs on all of them");
            url::read(&[], &mut Parts::default())
        }
    };
    let mut conditions: Vec<_> = address.into_iter().collect();
    conditions.extend(read_condition(experiment, parts));
    let audience = (!conditions.is_empty()).then(|| group("all", conditions));
    let too_large = audience.as_ref().is_some_and(is_too_large);
    if too_large {
        let reason = "it has more than 200 conditions, or they stand too deep";
        parts.lost(
            "the audience",
            &Loss::new(reason, "Split it into several experiments."),
        );
    }
    let variants = variation::read(experiment, ranges, &weights, draft, parts);
    let key = keys.make(&[Some(written), text(experiment, "name")], "experiment");
    let name = text(experiment, "name").unwrap_or(&key).to_owned();
    let mut experiment = Experiment {
        key,
        name,
        status: would_be,
        hypothesis: json!({"imported_from": "growthbook"}),
        seed,
        hash,
        pages,
        audience: audience.filter(|_| !too_large),
        variants,
    };
    if parts.held() {
        experiment.hold();
    }
    judge::experiment(&mut experiment, &draft.redirect_hosts, parts)?;
    Ok((experiment, would_be))
}

/// The ranges of the variations, parts of 1.
fn read_spans(experiment: &Value, variations: usize) -> Result<Vec<[f64; 2]>, Loss> {
    if let Some(ranges) = experiment.get("ranges").filter(|ranges| !ranges.is_null()) {
        let spans = ranges.as_array().map(|ranges| {
            let span =
                |range: &Value| Some([range.get(0)?.as_f64()?, range.get(1)?.as_f64()?]);
            ranges.iter().map(span).collect::<Option<Vec<_>>>()
        });
        return spans.flatten().filter(|spans| spans.len() == variations).ok_or_else(
            || {
                Loss::new(
                    "its ranges are not one pair of numbers for each variation",
                    "Write \"ranges\" in the draft.",
                )
            },
        );
    }
    let coverage = match experiment.get("coverage") {
        None => None,
        // Nothing times a weight is nothing.
        Some(Value::Null) => Some(0.0),
        Some(coverage) => Some(coverage.as_f64().ok_or_else(|| {
            Loss::new("its coverage is no number", "Write \"ranges\" in the draft.")
        })?),
    };
    Ok(spans_of_weights(variations, numbers(experiment, "weights").as_deref(), coverage))
}

fn numbers(experiment: &Value, name: &str) -> Option<Vec<f64>> {
    experiment.get(name)?.as_array()?.iter().map(Value::as_f64).collect()
}

/// What the variants weigh among those who take part.
fn weights(experiment: &Value, spans: &[[f64; 2]]) -> Vec<f64> {
    let widths: Vec<_> = spans.iter().map(|[start, end]| end - start).collect();
    let given = experiment.get("ranges").is_some_and(Value::is_array);
    let written = numbers(experiment, "weights").filter(|all| {
        let total: f64 = all.iter().sum();
        !given && all.len() == spans.len() && (0.99..=1.01).contains(&total)
    });
    written.unwrap_or(widths)
}

fn status(experiment: &Value, parts: &mut Parts) -> &'static str {
    if experiment.get("active").and_then(Value::as_bool) == Some(false) {
        return "paused";
    }
    if experiment.get("manual").and_then(Value::as_bool) == Some(true) {
        parts.hold("it waited until the site's code set it off; here it would run on each page view");
    }
    match text(experiment, "status") {
        None | Some("running") => "running",
        Some("stopped") => "stopped",
        Some("draft") => "draft",
        Some(other) => {
            parts.hold(format_args!("its status is not known here: {}", shown(other)));
            "draft"
        }
    }
}

/// Parts that say who takes part, for which there is nothing here.
fn held_parts(experiment: &Value, parts: &mut Parts) {
    let there = |name: &str| match experiment.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    let kinds = [
        (
            "filters",
            "it keeps experiments apart by another hash than ours",
            "Put the experiments into one of our \"layers\"; visitors are then chosen anew.",
        ),
        (
            "namespace",
            "it keeps experiments apart by another hash than ours",
            "Put the experiments into one of our \"layers\"; visitors are then chosen anew.",
        ),
        (
            "parentConditions",
            "it depends on features, and there are none here",
            "Write {\"in_experiment\": \"its-key\"} if an experiment decides.",
        ),
        (
            "groups",
            "only the site's own code knows the groups",
            "Find a fact of the request that says the same, such as a cookie.",
        ),
        ("url", "it is an old way to name pages", "Write page rules in the draft."),
        (
            "force",
            "it shows one variation to everybody who takes part",
            "Give that variant all ranges once the experiment may end.",
        ),
    ];
    for (name, reason, hint) in kinds {
        if there(name) {
            parts.lost(format_args!("\"{name}\""), &Loss::new(reason, hint));
        }
    }
    let attribute = text(experiment, "hashAttribute").unwrap_or("id");
    if !["id", "deviceId"].contains(&attribute) {
        let reason = format!(
            "visitors are told apart by {}, and by the cookie here",
            shown(attribute)
        );
        let hint = "Put that id into a cookie and name it as \"visitor_cookie\"; otherwise they are chosen anew.";
        parts.lost("\"hashAttribute\"", &Loss::new(reason, hint));
    }
    if there("fallbackAttribute") {
        let reason = "visitors have one id here";
        let hint = "Those who were known by the other one only are chosen anew.";
        parts.left_out("\"fallbackAttribute\"", &Loss::new(reason, hint));
    }
    let blocks = experiment.get("minBucketVersion").and_then(Value::as_f64);
    if blocks.is_some_and(|version| version > 0.0) {
        let reason = "visitors of earlier versions stay out in GrowthBook, and it alone knows them";
        let hint = "Change the \"seed\" to choose all visitors anew.";
        parts.lost("\"minBucketVersion\"", &Loss::new(reason, hint));
    }
}

fn read_condition(experiment: &Value, parts: &mut Parts) -> Option<Value> {
    let condition =
        experiment.get("condition").filter(|condition| !condition.is_null())?;
    if condition.as_object().is_some_and(serde_json::Map::is_empty) {
        return None;
    }
    let mut fits = Fits::default();
    match condition::read(condition, &mut fits) {
        Ok(read) => {
            for fit in fits.0 {
                parts.tell(fit);
            }
            Some(read)
        }
        Err(loss) => {
            parts.lost("\"condition\"", &loss);
            None
        }
    }
}
