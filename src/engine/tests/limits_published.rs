//! The limits of what is published, one by one: with exactly as much it is published, and with one more it is refused,
//! by name. `src/edge/LIMITS.md` has the table.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::registry::{MAX_DATAFILE_BYTES, open_datafile_by_hand};
use edgewise_engine::{MAX_CHANGES, MAX_EXPERIMENTS, MAX_MARKUP, MAX_VARIANTS, validate};
use serde_json::{Value, json};
use support::published::{draft, experiment};

/// A draft that has as much of something as is said.
type Draft = fn(usize) -> Value;

/// What is limited, how much there may be, and what is said of one more: the problem's code, and words of its message.
const LIMITS: &[(&str, usize, Draft, &str, &str)] = &[
    ("experiments", MAX_EXPERIMENTS, experiments, "too-many", "this has 1001"),
    ("variants of an experiment", MAX_VARIANTS, variants, "variant-count", "this has 11"),
    ("changes of a variant", MAX_CHANGES, changes, "too-many", "this has 201"),
    ("bytes of HTML", MAX_MARKUP, html, "too-long", "65536 is the most"),
    ("bytes of CSS", MAX_MARKUP, css, "too-long", "65536 is the most"),
    ("bytes of a script", MAX_MARKUP, script, "too-long", "65536 is the most"),
    ("bytes of a selector", 2_000, selector, "not-a-selector", "this has 2001"),
    ("compounds of a selector", 64, compounds, "not-a-selector", "more than 64 elements"),
    ("depth of a selector", 8, nested_selector, "not-a-selector", "more than 8 deep"),
    ("bytes of a regular expression", 500, regex, "not-a-regex", "501 bytes"),
    ("states of a regular expression", 2_000, states, "not-a-regex", "too much memory"),
    ("conditions of an audience", 200, conditions, "too-many", "this has 201"),
    ("depth of an audience", 8, nested_audience, "too-deep", "more than 8 deep"),
    ("tokens in a text", 50, tokens, "too-many-tokens", "at most 50"),
    ("experiments that redirect", 100, redirects, "too-many", "this has 101"),
    ("steps of a schedule", 50, steps, "too-many", "this has 51"),
    ("bytes of a key", 64, key, "not-a-key", "1 to 64"),
    ("bytes of an address", 2_048, address, "too-long", "2049 bytes"),
];

#[test]
fn with_exactly_as_much_it_is_published_and_with_one_more_it_is_not() {
    for (what, most, make, code, words) in LIMITS {
        let (datafile, problems) = validate(&make(*most).to_string(), 1);
        assert!(datafile.is_some(), "{most} {what}: {problems}");
        let (datafile, problems) = validate(&make(most + 1).to_string(), 1);
        assert!(datafile.is_none(), "{} {what} are published", most + 1);
        let errors: Vec<_> = problems.iter().filter(|one| one.is_error()).collect();
        let [error] = errors.as_slice() else { panic!("{what}: {problems}") };
        assert_eq!(error.code, *code, "{what}: {problems}");
        assert!(error.message.contains(words), "{what}: {problems}");
        assert!(!error.hint.is_empty() && !error.at.is_empty(), "{what}: {problems}");
    }
}

fn experiments(count: usize) -> Value {
    let all: Vec<_> = (0..count).map(|number| experiment(number, &[0, 10_000])).collect();
    draft(&all)
}

fn variants(count: usize) -> Value {
    let mut weights = vec![0; count];
    weights[0] = 10_000;
    draft(&[experiment(0, &weights)])
}

/// An experiment whose second variant makes these changes.
fn with_changes(changes: &[Value]) -> Value {
    let mut one = experiment(0, &[0, 10_000]);
    one["variants"][1]["changes"] = json!(changes);
    draft(&[one])
}

fn changes(count: usize) -> Value {
    with_changes(&vec![json!({"selector": "p", "hide": true}); count])
}

fn html(length: usize) -> Value {
    let markup = format!("<p>{}</p>", "x".repeat(length - "<p></p>".len()));
    with_changes(&[json!({"selector": "p", "html": markup})])
}

fn css(length: usize) -> Value {
    let rest = length - "p { color: red }".len();
    with_changes(&[json!({"css": format!("p {{ color: red }}{}", " ".repeat(rest))})])
}

fn script(length: usize) -> Value {
    let rest = length - "go()".len();
    with_changes(&[json!({"script": format!("go(){}", " ".repeat(rest))})])
}

fn with_selector(selector: &str) -> Value {
    with_changes(&[json!({"selector": selector, "hide": true})])
}

fn selector(length: usize) -> Value {
    with_selector(&"a".repeat(length))
}

fn compounds(count: usize) -> Value {
    with_selector(&vec!["p"; count].join(" "))
}

fn nested_selector(depth: usize) -> Value {
    with_selector(&format!("{}p{}", ":is(".repeat(depth), ")".repeat(depth)))
}

fn with_regex(regex: &str) -> Value {
    let mut one = experiment(0, &[0, 10_000]);
    one["pages"] = json!({"include": [{"regex": regex}]});
    draft(&[one])
}

fn regex(length: usize) -> Value {
    with_regex(&"a".repeat(length))
}

fn states(count: usize) -> Value {
    // Seven are counted for what stands around the letter.
    with_regex(&format!("a{{{}}}", count - 7))
}

fn with_audience(audience: &Value) -> Value {
    let mut one = experiment(0, &[0, 10_000]);
    one["audience"] = audience.clone();
    draft(&[one])
}

/// The list counts as one of them.
fn conditions(count: usize) -> Value {
    let one = json!({"fact": "geo.country", "is": "DE"});
    with_audience(&json!({"any": vec![one; count - 1]}))
}

fn nested_audience(depth: usize) -> Value {
    let innermost = json!({"fact": "geo.country", "is": "DE"});
    let nested = (1..depth).fold(innermost, |inner, _| json!({"not": inner}));
    with_audience(&nested)
}

fn tokens(count: usize) -> Value {
    let text = "{{geo.city | \"you\"}} ".repeat(count);
    with_changes(&[json!({"selector": "p", "text": text})])
}

fn redirects(count: usize) -> Value {
    let all = (0..count).map(|number| {
        let mut one = experiment(number, &[0, 10_000]);
        one["pages"] = json!({"include": [{"exact": format!("/from-{number}")}]});
        one["variants"][1]["redirect"] = json!({"to": "/there"});
        one
    });
    draft(&all.collect::<Vec<_>>())
}

fn steps(count: usize) -> Value {
    let step = |number: usize| {
        let at = format!("2026-12-01T00:{number:02}:00Z");
        json!({"at": at, "coverage": 100 * (number + 1)})
    };
    let mut one = experiment(0, &[0, 10_000]);
    one["schedule"] = json!({"ramp": (0..count).map(step).collect::<Vec<_>>()});
    draft(&[one])
}

fn key(length: usize) -> Value {
    let mut one = experiment(0, &[0, 10_000]);
    one["key"] = json!("a".repeat(length));
    draft(&[one])
}

fn address(length: usize) -> Value {
    let mut one = experiment(0, &[0, 10_000]);
    one["pages"] = json!({"include": [{"exact": "/from"}]});
    one["variants"][1]["redirect"] =
        json!({"to": format!("/{}", "a".repeat(length - 1))});
    draft(&[one])
}

#[test]
fn a_datafile() {
    let (datafile, _) = validate(&experiments(1).to_string(), 1);
    let mut bytes = datafile.unwrap().to_json().into_bytes();
    bytes.resize(MAX_DATAFILE_BYTES, b' ');
    assert_eq!(open_datafile_by_hand(bytes.clone()).unwrap().len(), 1);
    bytes.push(b' ');
    let why = open_datafile_by_hand(bytes).unwrap_err().why;
    assert_eq!(why, "it has 2097153 bytes, more than 2097152");
}
