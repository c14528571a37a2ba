//! A project's configuration as Convert serves it to its full-stack SDKs.

mod address;
mod rule;
mod target;
mod variation;

use edgewise_engine::{HashMethod, MAX_EXPERIMENTS};
use serde_json::{Value, json};

use self::rule::Imported;
use super::draft::{Draft, Experiment, Keys};
use super::pattern::shown;
use super::report::{Loss, Parts, Report};
use super::{id, judge, list, text};

/// The longest list of names that the report tells one by one.
const MAX_NAMED: usize = 1_000;

pub(super) fn import(file: &Value, report: &mut Report) -> Draft {
    // Some files are wrapped, as the SDK's own settings are.
    let file =
        file.get("data").filter(|data| data.get("experiences").is_some()).unwrap_or(file);
    let mut draft = Draft { signals: signals(file, report), ..Draft::default() };
    let (mut keys, mut imported) = (Keys::default(), Imported::new());
    let archived: Vec<_> =
        list(file, "archived_experiences").iter().filter_map(id).collect();
    let experiences = list(file, "experiences");
    for experience in experiences.iter().take(MAX_EXPERIMENTS) {
        let name = name(experience);
        let known = experience.get("id").and_then(id);
        let is_archived = known.as_ref().is_some_and(|id| archived.contains(id))
            || text(experience, "status") == Some("archived");
        if is_archived {
            let loss = Loss::new("it is archived", "Nobody sees it any more.");
            report.left_out(format_args!("experience {name}"), &loss);
            continue;
        }
        let mut parts = Parts::default();
        match read(file, experience, known, &mut keys, &imported, &mut draft, &mut parts)
        {
            Ok((experiment, would_be)) => {
                imported.insert(experiment.seed.clone(), experiment.key.clone());
                report.imported(&experiment, would_be, parts);
                draft.experiments.push(experiment);
            }
            Err(loss) => report.left_out(format_args!("experience {name}"), &loss),
        }
    }
    if experiences.len() > MAX_EXPERIMENTS {
        let count = experiences.len() - MAX_EXPERIMENTS;
        let reason = format!("a draft has at most {MAX_EXPERIMENTS} experiments");
        let loss = Loss::new(reason, "Archive those that have ended, and export anew.");
        report.left_out(format_args!("{count} more experiences"), &loss);
    }
    if experiences.is_empty() {
        let hint = "Save what the SDK's config address answers, with {\"experiences\": […]} in it.";
        report.left_out("everything", &Loss::new("the file has no experiences", hint));
    }
    rest(file, report);
    if !draft.experiments.is_empty() {
        report.note(
            "visitors keep their variants only if their ids are taken over: where Convert's Cloudflare helper set them, add \"visitor_cookie\": \"convert_visitor_id\"; where the site's own code chose them, put them into a cookie and name that one",
        );
    }
    draft
}

/// What the file holds beside experiences.
fn rest(file: &Value, report: &mut Report) {
    let kinds = [
        (
            "goals",
            "goal",
            "Edgewise has no goals yet",
            "Keep counting it where you count it now.",
        ),
        (
            "features",
            "feature",
            "Edgewise changes pages and switches no features",
            "Let the site read the variant: \"rendering\": \"origin\" tells it in a request header.",
        ),
        (
            "segments",
            "segment",
            "Edgewise keeps no record of what a visitor did before",
            "Say in the audience what can be seen in a request.",
        ),
    ];
    for (list_name, word, reason, hint) in kinds {
        let loss = Loss::new(reason, hint);
        let entries = list(file, list_name);
        for entry in entries.iter().take(MAX_NAMED) {
            report.left_out(format_args!("{word} {}", name(entry)), &loss);
        }
        if entries.len() > MAX_NAMED {
            let count = entries.len() - MAX_NAMED;
            report.left_out(format_args!("{count} more of \"{list_name}\""), &loss);
        }
    }
}

/// The project's settings about signals that browsers send.
fn signals(file: &Value, report: &mut Report) -> Option<Value> {
    let settings = file.pointer("/project/settings")?;
    let mut signals = serde_json::Map::new();
    for (setting, signal) in [("global_privacy_control", "gpc"), ("do_not_track", "dnt")]
    {
        match text(settings, setting).map(str::to_ascii_lowercase).as_deref() {
            None | Some("off") => {}
            Some("worldwide") => {
                signals.insert(signal.to_owned(), json!(true));
            }
            Some(region) => {
                let reason = format!("it is honoured for {} only", shown(region));
                let hint = format!(
                    "Write \"signals\": {{\"{signal}\": true}} to honour it everywhere."
                );
                report.left_out(
                    format_args!("setting \"{setting}\""),
                    &Loss::new(reason, hint),
                );
            }
        }
    }
    (!signals.is_empty()).then_some(Value::Object(signals))
}

fn name(entry: &Value) -> String {
    let known = entry.get("id").and_then(id);
    let name = text(entry, "name").or(text(entry, "key")).or(known.as_deref());
    name.map_or_else(|| "without a name".to_owned(), shown)
}

fn read(
    file: &Value,
    experience: &Value,
    known: Option<String>,
    keys: &mut Keys,
    imported: &Imported,
    draft: &mut Draft,
    parts: &mut Parts,
) -> Result<(Experiment, &'static str), Loss> {
    let Some(seed) = known else {
        let hint = "Its id decides who sees what; export the project anew.";
        return Err(Loss::new("it has no id", hint));
    };
    let variants = variation::check(experience)?;
    let status = match text(experience, "status") {
        Some("active") => "running",
        Some("paused") => "paused",
        Some("completed") => "stopped",
        Some("draft") => "draft",
        Some("scheduled") => {
            parts.note(
                "it is scheduled, and the file does not say for when; add a \"schedule\"",
            );
            "draft"
        }
        other => {
            let status = other.map_or_else(|| "none".to_owned(), shown);
            parts.hold(format_args!("its status is not known here: {status}"));
            "draft"
        }
    };
    named_parts(experience, parts);
    let target = target::read(file, experience, imported, parts);
    let pages = target.pages();
    let audience = target.audience(parts);
    let variants = variation::read(experience, &variants, &pages, draft, parts);
    let fallback = format!("experience-{seed}").to_ascii_lowercase();
    let key = keys.make(
        &[text(experience, "key"), text(experience, "name"), Some(&seed)],
        &fallback,
    );
    let name = text(experience, "name").unwrap_or(&key).to_owned();
    let mut experiment = Experiment {
        key,
        name,
        status,
        hypothesis: json!({"imported_from": "convert"}),
        seed,
        hash: HashMethod::Murmur3,
        pages,
        audience,
        variants,
    };
    if parts.held() {
        experiment.hold();
    }
    judge::experiment(&mut experiment, &draft.redirect_hosts, parts)?;
    Ok((experiment, status))
}

/// Parts of an experience that Edgewise has nothing for, or that say where it may run.
fn named_parts(experience: &Value, parts: &mut Parts) {
    let one = text(experience, "environment").into_iter();
    let many = list(experience, "environments").iter().filter_map(Value::as_str);
    let environments: Vec<_> = one.chain(many).take(20).collect();
    let live = ["production", "live", "prod"];
    if !environments.is_empty() && !environments.iter().any(|name| live.contains(name)) {
        let reason = format!("it only runs in {}", shown(&environments.join(", ")));
        let hint = "Edgewise has no environments: publish it where it is to run.";
        parts.lost("the environment", &Loss::new(reason, hint));
    }
    for page in list(experience, "multipage_pages").iter().take(100) {
        let loss = Loss::new(
            "an experiment here has the same changes on all its pages",
            "Make an experiment for each page, with the same seed and ranges.",
        );
        parts.lost(format_args!("page {}", name(page)), &loss);
    }
    for integration in list(experience, "integrations").iter().take(100) {
        if integration.get("enabled").and_then(Value::as_bool) == Some(false) {
            continue;
        }
        let provider = text(integration, "provider").unwrap_or("unknown");
        let loss = Loss::new(
            "Edgewise sends nothing to other tools yet",
            "Read the exposures from its log.",
        );
        parts.left_out(format_args!("integration {}", shown(provider)), &loss);
    }
    if text(experience, "global_js").is_some() {
        parts.lost("the experience's own script", &variation::script());
    }
}
