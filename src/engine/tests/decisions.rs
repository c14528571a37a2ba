//! The corpus of decisions: `decisions/<case>/{draft.json, visits.jsonl}` give `datafile.json` and `decisions.jsonl`, from
//! either encoding of the datafile. The same folders are replayed in the edge module and in the browser module
//! (`wasm-tests`). `BLESS=1` rewrites the expected files; the diff is the review.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::path::Path;

use edgewise_engine::{Datafile, decide_line, validate};
use support::{cases, expect, read};

#[test]
fn decisions() {
    let cases = cases("decisions");
    assert!(cases.len() >= 10, "only {} cases", cases.len());
    for case in cases {
        check(&case);
    }
}

fn check(case: &Path) {
    let draft = String::from_utf8(read(&case.join("draft.json"))).unwrap();
    let (datafile, problems) = validate(&draft, 1);
    assert!(!problems.has_errors(), "{}:\n{problems}", case.display());
    let json = datafile.unwrap().to_json();
    expect(&case.join("datafile.json"), json.as_bytes());
    let datafile = Datafile::from_json(json.as_bytes()).unwrap();
    let visits = read(&case.join("visits.jsonl"));
    let expected = decide(&datafile, &visits);
    expect(&case.join("decisions.jsonl"), expected.as_bytes());
    let compiled = Datafile::open(datafile.compile()).unwrap();
    assert_eq!(decide(&compiled, &visits), expected, "{} compiled", case.display());
}

fn decide(datafile: &Datafile, visits: &[u8]) -> String {
    let lines = visits.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| decide_line(datafile, line).unwrap() + "\n").collect()
}
