//! What passes without a look might as well have been looked at: the same bytes and the same report come out.

#![allow(missing_docs, reason = "nobody imports tests")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{Datafile, Facts, PageHead, Plan, Rewriter, validate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use support::pages::page;
use support::soup::{cases, changes, draft, html_soup};

/// The datafile of a draft; on half of them, nobody looks for a framework.
fn datafile(experiments: &[Vec<Value>], plain: bool) -> Option<Datafile> {
    let mut draft = draft(experiments);
    if plain {
        for experiment in draft["experiments"].as_array_mut().unwrap() {
            experiment["rendering"] = json!("static");
        }
    }
    validate(&draft.to_string(), 1).0
}

fn rewritten(
    plan: &Plan<'_>,
    html: &[u8],
    size: usize,
    thorough: bool,
) -> (Vec<u8>, String) {
    let mut rewriter = Rewriter::new(plan, PageHead::default());
    if thorough {
        rewriter = rewriter.thorough();
    }
    let mut out = Vec::new();
    for chunk in html.chunks(size) {
        rewriter.write(chunk, &mut out);
    }
    let report = rewriter.end(&mut out);
    (out, format!("{report:?}"))
}

fn check(
    experiments: &[Vec<Value>],
    plain: bool,
    html: &[u8],
    size: usize,
) -> Result<(), TestCaseError> {
    let Some(datafile) = datafile(experiments, plain) else { return Ok(()) };
    let running = datafile.experiments().map(|one| (one, one.variant("b").unwrap()));
    let plan = Plan::for_variants(running, &Facts::default());
    let (out, report) = rewritten(&plan, html, size, false);
    let (expected, expected_report) = rewritten(&plan, html, size, true);
    prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected));
    prop_assert_eq!(report, expected_report);
    Ok(())
}

proptest! {
    #![proptest_config(cases(12_000))]

    #[test]
    fn a_page_that_passes_is_the_page_that_is_looked_at(
        experiments in vec(changes(), 1..3),
        plain in any::<bool>(),
        html in page(),
        size in select(&[7, 64, 40_000][..]),
    ) {
        check(&experiments, plain, &html, size)?;
    }

    #[test]
    fn soup_that_passes_is_soup_that_is_looked_at(
        experiments in vec(changes(), 1..3),
        html in html_soup(),
        size in select(&[7, 40_000][..]),
    ) {
        check(&experiments, true, &html, size)?;
    }
}
