//! How much memory a sandbox has taken after a small page and after a large one: the
//! engine alone, fed as the product feeds it, with pages that are made while they are
//! read. Memory that a sandbox has taken it never gives back, so this is the peak.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

use std::fmt::Write as _;

use edgewise_engine::{Facts, PageHead, Plan, Rewriter, validate};

/// Five edits: to one element, to elements all over the page, to its end, to its head.
const DRAFT: &str = r#"{"experiments": [{
    "key": "calm", "name": "Calm", "status": "running",
    "hypothesis": {
        "we_believe": "a shorter headline",
        "will_cause": "more sign-ups",
        "because": "visitors skim it"
    },
    "pages": {"include": [{"prefix": "/"}]},
    "variants": [
        {"key": "control", "name": "Control", "weight": 5000},
        {"key": "calm", "name": "Calm", "weight": 5000, "changes": [
            {"selector": "h1", "text": "Ship calm software, faster"},
            {"selector": "a.more", "attribute": {"href": "/signup?plan=team"}},
            {"selector": "section .lead", "html": "Ask <em>first</em>."},
            {"selector": "main", "insert": {"append": "<p>Thirty days, no card.</p>"}},
            {"css": "h1 { color: teal }"}
        ]}
    ]}]}"#;

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
    <title>Halyard</title></head>\n<body>\n<main class=\"page\">\n<h1>Planning</h1>";

const TAIL: &str = "\n</main>\n<footer>Halyard</footer>\n</body>\n</html>\n";

/// How much the product reads at a time.
const CHUNK: usize = 32 * 1024;

fn main() {
    for (name, size) in [("40 KB", 40_000), ("10 MB", 10_000_000)] {
        rewrite(size);
        // Counted in pages of 64 KiB.
        println!("| {name} | {} |", 64 * core::arch::wasm32::memory_size::<0>());
    }
}

fn rewrite(size: usize) {
    let (datafile, problems) = validate(DRAFT, 1);
    let datafile = datafile.unwrap_or_else(|| panic!("a draft of ours: {problems:?}"));
    let experiment = datafile.experiments().next().expect("there is one");
    let variant = experiment.variant("calm").expect("a variant of ours");
    let plan = Plan::for_variants([(experiment, variant)], &Facts::default());
    let mut rewriter = Rewriter::new(&plan, PageHead::default());
    let mut out = Vec::with_capacity(CHUNK);
    let (mut written, mut number) = (0, 0);
    let mut chunk = HEAD.to_owned();
    while written < size {
        while chunk.len() < CHUNK && written + chunk.len() < size {
            number += 1;
            section(&mut chunk, number);
        }
        written += chunk.len();
        rewriter.write(chunk.as_bytes(), &mut out);
        chunk.clear();
        out.clear();
    }
    rewriter.write(TAIL.as_bytes(), &mut out);
    let report = rewriter.end(&mut out);
    let applied: Vec<_> = report.experiments[0]
        .changes
        .iter()
        .map(|change| usize::try_from(change.applied).unwrap_or(usize::MAX))
        .collect();
    assert_eq!(applied, [1, number, number, 1, 1], "every edit is made");
}

fn section(page: &mut String, number: usize) {
    let _ = write!(
        page,
        "\n  <section class=\"band\" id=\"part-{number}\">\n    <h2>Part {number}</h2>\
         \n    <p class=\"lead\">One place for <em>what is next</em> &amp; why.</p>\
         \n    <ul><li>plans</li><li>numbers</li></ul>\
         \n    <a class=\"more\" href=\"/read/{number}\">Read more</a>\n  </section>"
    );
}
