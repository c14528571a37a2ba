//! Datafiles of many experiments, for the bench and for the example that is run in wasm.

use std::hint::black_box;

use edgewise_engine::{Datafile, Page, Visit, VisitorId, assign_on_page};
use serde_json::{Value, json};

/// How many experiments run on each page.
pub(crate) const ON_A_PAGE: usize = 3;

/// The page rules of an experiment: the three of a page are of three kinds.
fn rule(number: usize) -> Value {
    let page = number / ON_A_PAGE;
    match number % ON_A_PAGE {
        0 => json!({"exact": format!("/section-{page}/pricing")}),
        1 => json!({"host": "www.example.com", "prefix": format!("/section-{page}/")}),
        _ => json!({"wildcard": format!("/section-{page}/*i*")}),
    }
}

/// A visit of one of the pages.
pub(crate) fn visit(number: usize) -> Visit<'static> {
    let url = format!(
        "https://www.example.com/section-{number}/pricing?plan=team&utm_source=mail"
    );
    Visit::to(Page::parse(&url).unwrap())
}

/// So many experiments, three to a page.
pub(crate) fn datafile(count: usize) -> Datafile {
    let experiments = (0..count).map(|number| {
        let key = format!("bench-{number}");
        json!({
            "key": key, "name": "Bench", "seed": key, "status": "running",
            "hypothesis": {
                "we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "visitors skim it"
            },
            "pages": {"include": [rule(number)]}, "coverage": 10_000, "variants": [
                {"key": "control", "name": "Control", "weight": 5_000, "allocation": [[0, 5_000]], "changes": []},
                {"key": "b", "name": "B", "weight": 5_000, "allocation": [[5_000, 10_000]], "changes": [
                    {"selector": "#hero h1", "expect": "at-least-one", "text": "Better mornings"},
                    {"selector": "a.cta", "expect": "at-least-one", "attribute": {"href": "/signup?from=b"}},
                    {"selector": "main", "expect": "at-least-one", "insert": {"append": "<p>Free delivery</p>"}},
                ]},
            ],
        })
    });
    let json = json!({
        "schema_version": 1, "hash_version": 1, "revision": 1, "experiments": experiments.collect::<Vec<_>>(),
    });
    Datafile::from_json(json.to_string().as_bytes()).unwrap()
}

/// How many experiments show the visitor a variant.
pub(crate) fn decide(
    datafile: &Datafile,
    visit: &Visit<'_>,
    visitor: &VisitorId,
) -> usize {
    let decisions = assign_on_page(datafile, visitor, visit);
    black_box(&decisions).iter().filter(|one| one.variant().is_some()).count()
}
