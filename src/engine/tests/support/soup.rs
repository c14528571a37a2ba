//! Pages and changes at random, over a vocabulary small enough that they meet.

use edgewise_engine::{Datafile, validate};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use serde_json::{Value, json};

/// The same cases on every run; `PROPERTY_TIMES` takes as many times more, for a longer look.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let times = std::env::var("PROPERTY_TIMES").ok().and_then(|times| times.parse().ok());
    ProptestConfig {
        cases: cases.saturating_mul(times.unwrap_or(1)),
        rng_seed: RngSeed::Fixed(0x0ed9_e315),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/properties.regressions",
        ))),
        ..ProptestConfig::default()
    }
}

const ELEMENTS: &[&str] = &[
    "html", "head", "body", "div", "p", "h1", "h2", "section", "span", "a", "b", "ul",
    "li", "dl", "dt", "dd", "table", "tbody", "tr", "td", "th", "caption", "select",
    "optgroup", "option", "button", "form", "ruby", "rt", "svg", "g", "title",
    "textarea", "script", "style", "template", "noscript", "pre", "img", "br", "hr",
    "input", "P", "DIV", "x-card", "picture", "picture", "source", "source",
];

const ATTRIBUTES: &[&str] = &[
    "",
    " class=a",
    " class='a b'",
    " id=x",
    " id=\"x\" class=b",
    " style='color: red;'",
    " href=/p?a=1&amp;b=2",
    " hidden",
    " CLASS=A",
    " data-x='>' ",
    " class=\"a\"id=x",
    " /",
    "\n",
];

/// Text and things that are easily taken for tags.
const PIECES: &[&str] = &[
    "words",
    " ",
    "\n",
    "&amp;",
    "é",
    "<",
    "</",
    "< p>",
    "<!-- <p> -->",
    "<!-->",
    "<!-- --!>",
    "<!doctype html>",
    "<![CDATA[ <p> ]]>",
    "<?php ?>",
    "</>",
    "</ p>",
    "<p",
    "<p class='",
    "\"",
    "'>",
    "<meta charset=utf-8>",
    "<picture><source srcset=a><img src=b></picture>",
    "<meta http-equiv=content-security-policy content=\"default-src 'self'\">",
    "<meta http-equiv=content-security-policy content=\"script-src 'none'\">",
    "<script>'<p>'</script>",
    "<textarea></p>",
    "<svg><p>",
    "\u{feff}",
    "\0",
    "</body></html>",
];

/// Bytes that look like HTML, seldom well-formed.
pub(crate) fn html_soup() -> impl Strategy<Value = Vec<u8>> {
    let start = (select(ELEMENTS), select(ATTRIBUTES))
        .prop_map(|(name, attributes)| format!("<{name}{attributes}>").into_bytes());
    let end = select(ELEMENTS).prop_map(|name| format!("</{name}>").into_bytes());
    let piece = select(PIECES).prop_map(|piece| piece.as_bytes().to_vec());
    let bytes = vec(any::<u8>(), 1..4);
    let part = prop_oneof![6 => start, 5 => end, 4 => piece, 1 => bytes];
    vec(part, 0..30).prop_map(|parts| parts.concat())
}

const SELECTORS: &[&str] = &[
    "p",
    "div",
    "h1",
    "li",
    "td",
    "tr",
    "option",
    "dd",
    "rt",
    "span",
    "a",
    "body",
    "head",
    "html",
    "table",
    "title",
    "svg",
    "img",
    ".a",
    "#x",
    "*",
    "div > p",
    "ul li",
    "h1 h2",
    "[href]",
    "p:first-child",
    "div:not(.a)",
    "x-card",
    "script",
];

const HTML: &[&str] = &[
    "",
    "<p>new</p>",
    "<b>né</b>w &amp; bold",
    "words",
    "<ul><li>one</li></ul><img src=a.png>",
];

/// The changes of one variant: every action there is.
pub(crate) fn changes() -> impl Strategy<Value = Vec<Value>> {
    let html = || select(HTML);
    let words = || select(&["", "new", "é < & \"", "\nline"][..]);
    let names = || vec(select(&["a", "b", "c&d"][..]), 1..3);
    let place = select(&["before", "prepend", "append", "after"][..]);
    let values = || prop_oneof![words().prop_map(Value::from), Just(Value::Null)];
    let action = prop_oneof![
        words().prop_map(|text| ("text", json!(text))),
        html().prop_map(|html| ("html", json!(html))),
        btree_map(select(&["alt", "class", "hidden", "style"][..]), values(), 1..3)
            .prop_map(|attributes| ("attribute", json!(attributes))),
        (names(), names())
            .prop_map(|(add, remove)| ("class", json!({"add": add, "remove": remove}))),
        btree_map(select(&["color", "display"][..]), select(&["red", "none"][..]), 1..3)
            .prop_map(|style| ("style", json!(style))),
        Just(("hide", json!(true))),
        Just(("remove", json!(true))),
        (place, html()).prop_map(|(place, html)| ("insert", json!({place: html}))),
        Just(("css", json!("p { color: red } /* é */"))),
        Just(("script", json!("go('é')"))),
        select(&["/b.jpg", "b.jpg?a&b"][..])
            .prop_map(|src| ("image", json!({"src": src, "was": "/p?a=1&b=2"}))),
    ];
    let change =
        (select(SELECTORS), action).prop_map(|(selector, (name, value))| match name {
            "css" | "script" => json!({name: value}),
            _ => json!({"selector": selector, name: value}),
        });
    vec(change, 1..4)
}

/// A draft of one experiment for each list of changes.
pub(crate) fn draft(experiments: &[Vec<Value>]) -> Value {
    let experiments = experiments.iter().enumerate().map(|(index, changes)| {
        json!({
            "key": format!("e{index}"), "name": "Experiment", "status": "running",
            "hypothesis": {
                "we_believe": "a shorter headline", "will_cause": "more sign-ups",
                "because": "visitors skim the page"
            },
            "pages": {"include": [{"prefix": "/"}], "exclude": [{"host": "*.example.com", "exact": "/no"}]},
            "coverage": 7_500,
            "variants": [
                {"key": "control", "name": "Control", "weight": 4_000},
                {"key": "b", "name": "B", "weight": 6_000, "changes": changes},
            ]
        })
    });
    json!({"experiments": experiments.collect::<Vec<_>>()})
}

/// The datafile of that draft.
pub(crate) fn datafile(experiments: &[Vec<Value>]) -> Datafile {
    let (datafile, problems) = validate(&draft(experiments).to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}
