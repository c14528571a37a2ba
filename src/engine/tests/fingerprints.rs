//! A plan's fingerprint is the same exactly where the plan does the same: whoever compares two may say that a page has not
//! changed.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;

use edgewise_engine::{Datafile, Facts, Page, Plan};
use proptest::prelude::*;
use serde_json::{Value, json};

fn experiment(key: &str, changes: &Value) -> Value {
    json!({
        "key": key, "name": key, "seed": key, "status": "running",
        "hypothesis": {"we_believe": "", "will_cause": "", "because": ""},
        "pages": {"include": [{"prefix": "/"}]}, "coverage": 10_000,
        "variants": [
            {"key": "control", "name": "A", "weight": 5_000, "allocation": [[0, 5_000]], "changes": []},
            {"key": "b", "name": "B", "weight": 5_000, "allocation": [[5_000, 10_000]], "changes": changes},
        ],
    })
}

fn datafile(experiments: &[Value]) -> Datafile {
    let file = json!({
        "schema_version": 1, "hash_version": 1, "revision": 1, "experiments": experiments,
    });
    Datafile::from_json(file.to_string().as_bytes()).unwrap()
}

/// The fingerprint with these variants, by their places, on a page with this query.
fn fingerprint(datafile: &Datafile, variants: &[usize], query: &str) -> [u8; 16] {
    let page = Page::parse(&format!("https://example.com/?{query}")).unwrap();
    let facts = Facts::of_page(&page);
    let chosen = datafile.experiments().zip(variants).filter(|(_, at)| **at < 2);
    let chosen = chosen.map(|(one, at)| (one, &one.variants[*at]));
    Plan::for_variants(chosen, &facts).fingerprint()
}

#[test]
fn every_choice_of_variants_has_its_own() {
    let text = |words: &str| json!([{ "selector": "h1", "text": words }]);
    let datafile =
        datafile(&[experiment("one", &text("Hi")), experiment("two", &text("Hi"))]);
    let choices =
        [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [2, 1], [0, 2], [2, 0], [2, 2]];
    let all = choices.map(|variants| fingerprint(&datafile, &variants, ""));
    assert_eq!(BTreeSet::from(all).len(), choices.len());
    assert_eq!(all, choices.map(|variants| fingerprint(&datafile, &variants, "q=1")));
}

#[test]
fn every_change_has_its_own() {
    let changes = [
        json!([{ "selector": "h1", "text": "Hi" }]),
        json!([{ "selector": "h1", "text": "Hi " }]),
        json!([{ "selector": "h1", "text": "Hi", "expect": "one" }]),
        json!([{ "selector": "h2", "text": "Hi" }]),
        json!([{ "selector": "h1", "html": "Hi" }]),
        json!([{ "selector": "h1", "text": "Hi" }, { "selector": "p", "text": "Hi" }]),
        json!([{ "selector": "p", "text": "Hi" }, { "selector": "h1", "text": "Hi" }]),
    ];
    let all = changes.each_ref().map(|one| {
        let datafile = datafile(&[experiment("one", one)]);
        // Control looks for the same changes, and says so.
        [fingerprint(&datafile, &[1], ""), fingerprint(&datafile, &[0], "")]
    });
    assert_eq!(all.iter().flatten().collect::<BTreeSet<_>>().len(), 2 * changes.len());
}

proptest! {
    #[test]
    fn values_of_tokens_are_told_apart(a in "[a-z0-9]{0,8}", b in "[a-z0-9]{0,8}") {
        let changes = json!([{ "selector": "h1", "text": "Hi {{query.q | \"you\"}}{{query.r | \"\"}}" }]);
        let datafile = datafile(&[experiment("one", &changes)]);
        let of = |q: &str, r: &str| fingerprint(&datafile, &[1], &format!("q={q}&r={r}"));
        prop_assert_eq!(of(&a, &b) == of(&b, &a), a == b);
    }
}
