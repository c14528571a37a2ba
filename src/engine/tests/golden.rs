//! The golden corpus: `golden/<case>/{datafile.json, visit.json, input.html}` give `expected.html`, `decisions.json`
//! and `report.json`, whatever the size of the chunks. The same folders are replayed in the edge module and in the
//! browser module (`wasm-tests`). `BLESS=1` rewrites the expected files; the diff is the review.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::path::Path;

use edgewise_engine::{
    Datafile, Facts, Geo, Page, PageHead, Plan, Rewriter, Visit, VisitorId, assign,
};
use serde::Deserialize;
use support::{cases, expect, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VisitFile {
    url: String,
    visitor: String,
    content_type: Option<String>,
    #[serde(default)]
    csp: Vec<String>,
    /// Of the request.
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    geo: Geo,
    /// Why the case is not replayed at the edge, if it is not.
    #[serde(rename = "edge")]
    _edge: Option<serde_json::Value>,
}

impl VisitFile {
    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[test]
fn golden() {
    let cases = cases("golden");
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    for case in cases {
        check(&case);
    }
}

fn check(case: &Path) {
    let datafile = Datafile::from_json(&read(&case.join("datafile.json"))).unwrap();
    let file: VisitFile =
        serde_json::from_slice(&read(&case.join("visit.json"))).unwrap();
    let input = read(&case.join("input.html"));
    let visitor = VisitorId::new(file.visitor.as_str()).unwrap();
    let page = Page::parse(&file.url).unwrap();
    let facts = Facts::of_page(&page).with_headers(file.headers()).with_geo(&file.geo);
    let visit = Visit { facts, ..Visit::to(page) };
    let decisions = assign(&datafile, &visitor, &visit);
    expect(&case.join("decisions.json"), &json(&decisions));

    let plan = Plan::for_decisions(&decisions, &visit.facts);
    let head = PageHead { content_type: file.content_type, policies: file.csp };
    for size in [usize::MAX, 1024, 7, 1] {
        let mut rewriter = Rewriter::new(&plan, head.clone());
        let mut out = Vec::new();
        for chunk in input.chunks(size.min(input.len().max(1))) {
            rewriter.write(chunk, &mut out);
        }
        let report = rewriter.end(&mut out);
        expect(&case.join("expected.html"), &out);
        expect(&case.join("report.json"), &json(&report.experiments));
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(value).unwrap();
    json.push(b'\n');
    json
}
