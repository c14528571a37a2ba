//! What holds for every page and every plan, also where neither makes sense.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{Datafile, Facts, PageHead, Plan, Rewriter, rewrite};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;
use support::soup::{cases, changes, datafile, html_soup};

/// Every experiment's variant of that key.
fn plan<'d>(datafile: &'d Datafile, variant: &str) -> Plan<'d> {
    let experiments = datafile.experiments();
    let chosen = experiments.map(|one| (one, one.variant(variant).unwrap()));
    Plan::for_variants(chosen, &Facts::default())
}

fn heads() -> impl Strategy<Value = PageHead> {
    let types =
        ["text/html; charset=utf-8", "text/html", "text/html; charset=windows-1252"];
    let policies = ["", "style-src 'self'", "style-src 'nonce-abc'", "script-src 'self'"];
    (select(types.to_vec()), select(policies.to_vec())).prop_map(
        |(content_type, policy)| {
            let policies = vec![policy.to_owned()];
            PageHead { content_type: Some(content_type.to_owned()), policies }
        },
    )
}

/// Cuts `bytes` at some places.
fn chunks<'b>(bytes: &'b [u8], cuts: &[Index]) -> Vec<&'b [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn an_empty_plan_is_the_identity(bytes in any::<Vec<u8>>(), soup in html_soup(), head in heads()) {
        for html in [bytes, soup] {
            let plan = Plan::default();
            let (out, _) = rewrite(&plan, &head, &html);
            prop_assert_eq!(out, html);
        }
    }

    #[test]
    fn a_plan_that_matches_nothing_is_the_identity(
        bytes in any::<Vec<u8>>(), soup in html_soup(), head in heads(),
    ) {
        let datafile = datafile(&[vec![
            json!({"selector": ".nowhere", "remove": true}),
            json!({"selector": "p > #nowhere", "text": "words"}),
            json!({"selector": "[data-nowhere]", "attribute": {"href": "/"}}),
        ]]);
        for html in [bytes, soup] {
            let plan = plan(&datafile, "b");
            let (out, report) = rewrite(&plan, &head, &html);
            prop_assert_eq!(out, html);
            prop_assert!(!report.experiments[0].exposed);
        }
    }

    #[test]
    fn control_is_the_identity(
        soup in html_soup(), changes in vec(changes(), 1..4), head in heads(), cuts in vec(any::<Index>(), 0..6),
    ) {
        let datafile = datafile(&changes);
        let plan = plan(&datafile, "control");
        let mut out = Vec::new();
        let mut rewriter = Rewriter::new(&plan, head);
        for chunk in chunks(&soup, &cuts) {
            rewriter.write(chunk, &mut out);
        }
        rewriter.end(&mut out);
        prop_assert_eq!(out, soup);
    }

    #[test]
    fn chunks_make_no_difference(
        soup in html_soup(), changes in vec(changes(), 1..4), head in heads(), cuts in vec(any::<Index>(), 0..6),
    ) {
        let datafile = datafile(&changes);
        let plan = plan(&datafile, "b");
        let (whole, report) = rewrite(&plan, &head, &soup);
        let mut out = Vec::new();
        let mut rewriter = Rewriter::new(&plan, head);
        for chunk in chunks(&soup, &cuts) {
            rewriter.write(chunk, &mut out);
        }
        let again = rewriter.end(&mut out);
        prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&whole));
        prop_assert_eq!(
            serde_json::to_string(&again.experiments).unwrap(),
            serde_json::to_string(&report.experiments).unwrap()
        );
    }

    #[test]
    fn every_match_is_accounted_for(
        soup in html_soup(), changes in vec(changes(), 1..4), head in heads(), variant in select(&["control", "b"][..]),
    ) {
        let datafile = datafile(&changes);
        let plan = plan(&datafile, variant);
        let (_, report) = rewrite(&plan, &head, &soup);
        for change in report.experiments.iter().flat_map(|shown| &shown.changes) {
            let skipped: u32 = change.skipped().map(|(_, count)| count).sum();
            prop_assert_eq!(change.matched, change.applied + skipped, "{:?}", change.change);
        }
    }
}
