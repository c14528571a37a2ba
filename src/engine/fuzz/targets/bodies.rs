//! What is sent in bodies: visits for `/decisions`, a line each, and what a page's script tells of the changes that it
//! kept, which anybody may send. Any bytes are answered or refused without a panic, the same from either encoding of the
//! datafile.

#![no_main]

use std::collections::BTreeSet;

use edgewise_engine::{Datafile, decide_line, kept, validate};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

#[path = "../visits.rs"]
mod visits;

const NOW: &str = "2026-01-31T00:00:00Z";

thread_local! {
    static DATAFILES: [Datafile; 2] = {
        let mut draft = visits::draft();
        // One that a page's script may tell of.
        draft["experiments"].as_array_mut().unwrap().push(json!({
            "key": "x", "name": "X", "status": "running",
            "hypothesis": {"we_believe": "any visit at all", "will_cause": "an answer, not a panic", "because": "visitors send what they like"},
            "pages": {"include": [{"prefix": "/"}]},
            "variants": [
                {"key": "control", "name": "Control", "weight": 5000},
                {"key": "b", "name": "B", "weight": 5000, "changes": [
                    {"selector": "p", "text": "x"}, {"selector": "b", "remove": true}, {"title": "x"}]}],
        }));
        let (datafile, problems) = validate(&draft.to_string(), 1);
        let datafile = datafile.unwrap_or_else(|| panic!("{problems}"));
        let compiled = Datafile::open(datafile.compile()).unwrap();
        [datafile, compiled]
    };
}

fuzz_target!(|input: &[u8]| {
    DATAFILES.with(|[json, compiled]| {
        for line in input.split(|byte| *byte == b'\n') {
            decide(json, compiled, line);
        }
        tell(json, compiled, input);
    });
});

fn decide(datafile: &Datafile, compiled: &Datafile, line: &[u8]) {
    let words = |datafile| decide_line(datafile, line).map_err(|error| error.to_string());
    let answer = words(datafile);
    assert_eq!(answer, words(compiled));
    match answer {
        Ok(decided) => {
            // One line, whatever was in the visit.
            assert!(!decided.contains('\n'), "{decided}");
            let decided: Value = serde_json::from_str(&decided).unwrap();
            let decisions = decided["decisions"].as_array().unwrap();
            assert_eq!(decisions.len(), datafile.experiments().count());
        }
        Err(words) => assert!(!words.is_empty()),
    }
}

fn tell(datafile: &Datafile, compiled: &Datafile, body: &[u8]) {
    let lines = kept(body, datafile, NOW);
    assert_eq!(lines, kept(body, compiled, NOW));
    let told: BTreeSet<_> = lines
        .iter()
        .map(|line| (line.experiment.as_str(), line.variant.as_str(), line.change))
        .collect();
    assert_eq!(told.len(), lines.len(), "each is told once");
    for (experiment, variant, change) in told {
        let variant = datafile.experiment(experiment).unwrap().variant(variant).unwrap();
        assert!((1..=variant.changes.len()).contains(&change));
    }
}
