//! Small datafiles, whose allocations say outright who sees what.

use serde_json::{Value, json};

/// A datafile of some experiments.
pub fn of(experiments: impl IntoIterator<Item = Value>) -> Value {
    let experiments: Vec<_> = experiments.into_iter().collect();
    json!({
        "schema_version": 1,
        "hash_version": 1,
        "revision": 7,
        "experiments": experiments,
    })
}

/// One experiment on "/" that shows everybody other words in `h1`.
pub fn headline(words: &str) -> Value {
    of([everybody("headline", "/", json!([text("h1", words)]))])
}

/// One experiment on every path below another that shows everybody "Start free" in `h1`.
pub fn below(path: &str) -> Value {
    let mut datafile = headline("Start free");
    datafile["experiments"][0]["pages"]["include"] = json!([{ "prefix": path }]);
    datafile
}

/// An experiment on one path whose second variant everybody sees.
pub fn everybody(key: &str, path: &str, changes: Value) -> Value {
    experiment(key, path, changes, 0)
}

/// An experiment on one path whose control everybody sees.
pub fn nobody(key: &str, path: &str, changes: Value) -> Value {
    experiment(key, path, changes, 10_000)
}

/// An experiment on one path that half of the visitors see.
pub fn half(key: &str, path: &str, changes: Value) -> Value {
    experiment(key, path, changes, 5_000)
}

/// The draft of an experiment on "/" whose second variant everybody sees, for who publishes it.
#[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
pub fn draft_for_everybody(key: &str, changes: Value) -> Value {
    json!({
        "key": key,
        "name": format!("Test of {key}"),
        "status": "running",
        "hypothesis": {
            "we_believe": "a page written for tests",
            "will_cause": "the tests to pass",
            "because": "somebody thought about them",
        },
        "pages": { "include": [{ "exact": "/" }] },
        "variants": [
            { "key": "control", "name": "Control", "weight": 0 },
            { "key": "benefit", "name": "Benefit", "weight": 10_000, "changes": changes },
        ],
    })
}

/// A change of words.
pub fn text(selector: &str, words: &str) -> Value {
    json!({ "selector": selector, "text": words })
}

#[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
fn experiment(key: &str, path: &str, changes: Value, control: u32) -> Value {
    let range = |from, to| if from == to { json!([]) } else { json!([[from, to]]) };
    json!({
        "key": key,
        "name": format!("Test of {key}"),
        "seed": key,
        "status": "running",
        "hypothesis": {
            "we_believe": "a page written for tests",
            "will_cause": "the tests to pass",
            "because": "somebody thought about them",
        },
        "pages": { "include": [{ "exact": path }] },
        "coverage": 10_000,
        "variants": [
            {
                "key": "control",
                "name": "Control",
                "weight": control,
                "allocation": range(0, control),
                "changes": [],
            },
            {
                "key": "benefit",
                "name": "Benefit",
                "weight": 10_000 - control,
                "allocation": range(control, 10_000),
                "changes": changes,
            },
        ],
    })
}

/// The same experiment with a second variant that leads elsewhere: `what` is "redirect" or
/// "page".
pub fn leading(mut experiment: Value, what: &str, destination: Value) -> Value {
    experiment["variants"][1][what] = destination;
    experiment
}

/// An experiment on one path that redirects everybody.
pub fn redirecting(key: &str, path: &str, to: &str) -> Value {
    let redirect = json!({ "to": to, "status": 302 });
    leading(everybody(key, path, json!([])), "redirect", redirect)
}

/// An experiment on one path that shows everybody another page there, with changes.
pub fn showing(key: &str, path: &str, other: &str, changes: Value) -> Value {
    leading(everybody(key, path, changes), "page", json!({ "path": other }))
}
