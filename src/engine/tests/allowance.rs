//! What one visit may take in comparisons, and what a datafile may have to be read: what goes beyond is not decided, or
//! not published, and somebody is told.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{
    Datafile, Decision, Facts, Page, Visit, VisitorId, assign, assign_on_page, validate,
};
use serde_json::{Value, json};
use support::published::{draft, experiment};

const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Looks at each letter of a path of a's several hundred times, and does not find what it is for.
fn slow() -> String {
    format!("{}[b]", "a".repeat(400))
}

fn long_page() -> Page {
    Page::parse(&format!("https://example.com/{}", "a".repeat(500))).unwrap()
}

fn read(experiments: &[Value]) -> Datafile {
    let (datafile, problems) = validate(&draft(experiments).to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

fn on(number: usize, pages: Value) -> Value {
    let mut one = experiment(number, &[5_000, 5_000]);
    one["pages"] = pages;
    one
}

fn asking(number: usize, audience: Value) -> Value {
    let mut one = experiment(number, &[5_000, 5_000]);
    one["audience"] = audience;
    one
}

/// Decides by each way there is, which all have to say the same.
fn reasons(datafile: &Datafile, page: &Page) -> Vec<&'static str> {
    let ada = VisitorId::new("ada").unwrap();
    let compiled = Datafile::open(datafile.compile()).unwrap();
    let long = [("x-long", "a".repeat(500)), ("user-agent", BROWSER.to_owned())];
    let visit = || Visit {
        facts: Facts::of_page(page).with_headers(long.clone()),
        ..Visit::to(page.clone())
    };
    let told = |decisions: Vec<Decision<'_>>| -> Vec<_> {
        decisions.iter().map(|one| (one.reason(), one.explain())).collect()
    };
    let all = told(assign(datafile, &ada, &visit()));
    assert_eq!(told(assign(&compiled, &ada, &visit())), all);
    let here = told(assign_on_page(&compiled, &ada, &visit()));
    let of_page = all.iter().filter(|(reason, _)| *reason != "page-not-matched");
    assert!(of_page.eq(&here));
    all.into_iter().map(|(reason, _)| reason).collect()
}

#[test]
fn what_an_exclude_cannot_find_out_is_not_included() {
    let prefix = json!([{"prefix": "/"}]);
    let exclude = |regex: &str| json!({"include": prefix, "exclude": [{"regex": regex}]});
    // So heavy that one search of this path would take too long.
    let heavy = "b{1500}|z";
    let datafile = read(&[
        on(0, exclude(heavy)),
        on(1, json!({"include": [{"regex": heavy}]})),
        on(2, exclude("[b]")),
        on(3, json!({"include": [{"regex": heavy}, {"prefix": "/a"}]})),
    ]);
    let found = reasons(&datafile, &long_page());
    assert_eq!(found, ["page-too-long", "page-too-long", "assigned", "assigned"]);
    let short = Page::parse("https://example.com/a").unwrap();
    let found = reasons(&datafile, &short);
    assert_eq!(found, ["assigned", "page-not-matched", "assigned", "assigned"]);
    assert!(datafile.may_run_on(&long_page()));
    let included = read(&[on(1, json!({"include": [{"regex": heavy}]}))]);
    assert!(included.may_run_on(&long_page()) && !included.may_run_on(&short));
}

#[test]
fn what_a_negation_cannot_find_out_does_not_hold() {
    let heavy = json!({"fact": "header.x-long", "matches": "b{1500}|z"});
    let datafile = read(&[
        asking(0, json!({"not": heavy})),
        asking(1, heavy.clone()),
        asking(2, json!({"any": [heavy, {"fact": "page.host", "is": "example.com"}]})),
        asking(3, json!({"all": [heavy, {"fact": "page.host", "is": "example.org"}]})),
    ]);
    let found = reasons(&datafile, &long_page());
    assert_eq!(found, ["facts-unknown", "facts-unknown", "assigned", "not-in-audience"]);
    let page = long_page();
    let headers = [("x-long", "a".repeat(500)), ("user-agent", BROWSER.to_owned())];
    let facts = Facts::of_page(&page).with_headers(headers);
    let visit = Visit { facts, ..Visit::to(page) };
    let ada = VisitorId::new("ada").unwrap();
    let told = assign(&datafile, &ada, &visit)[0].explain();
    assert!(told.ends_with("header.x-long would take too long to search."), "{told}");
}

#[test]
fn all_searches_of_a_visit_together() {
    let slow = json!({"include": [{"regex": slow()}]});
    let mut experiments: Vec<_> =
        (0..200).map(|number| on(number, slow.clone())).collect();
    experiments
        .push(on(200, json!({"include": [{"prefix": "/a"}, {"contains": "aab"}]})));
    experiments.push(asking(201, json!({"fact": "page.host", "ends": ".com"})));
    let left_out =
        json!({"include": [{"prefix": "/a"}], "exclude": [{"regex": "^/a+[b]"}]});
    experiments.push(on(202, left_out));
    let datafile = read(&experiments);
    let found = reasons(&datafile, &long_page());
    // The first are searched for; then it is enough.
    let searched = found.iter().take_while(|one| **one == "page-not-matched").count();
    assert!((3..20).contains(&searched), "{searched}");
    assert!(found[searched..200].iter().all(|one| *one == "page-too-long"));
    // What is cheap is decided all the same.
    assert_eq!(found[200..], ["assigned", "assigned", "assigned"]);
    // On pages of ordinary length all of them are.
    let short = Page::parse("https://example.com/aaaaaaaaaaaaaaaaaaaa").unwrap();
    let found = reasons(&datafile, &short);
    assert!(!found.contains(&"page-too-long"), "{found:?}");
}

#[test]
fn an_ordinary_site_is_far_below() {
    let regex = "^/(de|en)/shop/(shoes|boots)/[a-z-]+/[0-9]+$";
    let one = |number| on(number, json!({"include": [{"regex": regex}]}));
    let datafile = read(&(0..300).map(one).collect::<Vec<_>>());
    let page =
        Page::parse("https://example.com/en/shop/boots/winter-boots-for-children/12345");
    let found = reasons(&datafile, &page.unwrap());
    assert!(found.iter().all(|one| *one == "assigned"), "{found:?}");
    // As many as there may be, each for another part of the site.
    let one = |number| {
        on(number, json!({"include": [{"regex": format!("/part-{number}/.*x$")}]}))
    };
    let datafile = read(&(0..1_000).map(one).collect::<Vec<_>>());
    let page = format!("https://example.com/part-999/{}x", "a".repeat(300));
    let found = reasons(&datafile, &Page::parse(&page).unwrap());
    assert_eq!(found[999], "assigned");
    assert_eq!(found.iter().filter(|one| **one == "page-not-matched").count(), 999);
}

#[test]
fn what_is_too_much_to_read_is_not_published() {
    let change = json!({"selector": "a".repeat(92), "hide": true});
    let with = |changes: usize, conditions: usize, regex: &str| {
        let mut one = on(0, json!({"include": [{"regex": regex}]}));
        one["variants"][1]["changes"] = json!(vec![&change; changes]);
        one["audience"] =
            json!({"any": vec![json!({"fact": "geo.country", "is": "DE"}); conditions]});
        one
    };
    // 200 changes count 20,000, 199 conditions 4,975, and a pattern of one letter 6.
    let of = |last: Value| {
        let mut experiments: Vec<_> = (0..10).map(|_| with(200, 199, "a")).collect();
        experiments.push(last);
        for (number, one) in experiments.iter_mut().enumerate() {
            one["key"] = json!(format!("e{number}"));
        }
        validate(&draft(&experiments).to_string(), 1)
    };
    let last =
        |letters: usize| on(0, json!({"include": [{"regex": "a".repeat(letters)}]}));
    let (datafile, problems) = of(last(185));
    assert!(datafile.is_some(), "{problems}");
    let (datafile, problems) = of(last(186));
    assert!(datafile.is_none());
    let problem = problems.iter().find(|one| one.code == "too-much-to-read").unwrap();
    assert_eq!(problem.at, "experiments");
    assert!(problem.message.contains("250001"), "{}", problem.message);
    assert!(
        problem.hint.contains("\"e0\" smaller, which counts 24981"),
        "{}",
        problem.hint
    );
}
