//! The drafts of all cases, which differ in little.

use edgewise_engine::{Datafile, Facts, Plan, validate};
use serde_json::{Value, json};

/// One experiment of many, on every page, whose second variant has the changes.
pub(crate) fn experiment(number: usize, changes: &[Value]) -> Value {
    json!({
        "key": format!("e{number}"), "name": "E", "status": "running",
        "hypothesis": {
            "we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "visitors skim it"
        },
        "pages": {"include": [{"prefix": "/"}]},
        "variants": [
            {"key": "control", "name": "Control", "weight": 5000},
            {"key": "b", "name": "B", "weight": 5000, "changes": changes},
        ]
    })
}

/// The text of a draft.
pub(crate) fn of(experiments: impl Iterator<Item = Value>) -> String {
    json!({ "experiments": experiments.collect::<Vec<_>>() }).to_string()
}

/// The datafile of a draft that has no errors.
pub(crate) fn datafile(experiments: impl Iterator<Item = Value>) -> Datafile {
    let (datafile, problems) = validate(&of(experiments), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// What is done to a page where every experiment shows its second variant.
pub(crate) fn plan(datafile: &Datafile) -> Plan<'_> {
    let chosen = datafile.experiments().map(|one| (one, one.variant("b").unwrap()));
    Plan::for_variants(chosen, &Facts::default())
}
