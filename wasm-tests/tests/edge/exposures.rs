//! What is logged about a page that was shown, and what is not.

use edgewise_wasm_tests::{Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

#[track_caller]
fn one_exposure(site: &Site) -> Value {
    let mut lines = site.log();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

#[test]
fn an_exposure_says_who_saw_what_where_and_how_much_of_it() {
    let changes = json!([
        datafile::text("p", "Words"),
        { "selector": "a.cta", "attribute": { "href": "/signup" } },
        datafile::text(".nowhere", "Never"),
    ]);
    let site = Site::serving("/pricing", html("<p>1</p><p>2</p><a class=cta>Go</a>"))
        .with_datafile(datafile::of([datafile::everybody("words", "/pricing", changes)]));
    site.get("/pricing?utm_source=x").visitor("alice").send().shows("/signup");
    let line = one_exposure(&site);
    let at = line["at"].as_str().expect("a time").to_owned();
    assert!(at.len() >= 20 && at.contains('T') && at.ends_with('Z'), "{at}");
    let expected = json!({
        "type": "exposure",
        "at": at,
        "visitor": "alice",
        "experiment": "words",
        "variant": "benefit",
        "revision": 7,
        "page": "/pricing",
        "changes": [
            { "matched": 2, "applied": 2 },
            { "matched": 1, "applied": 1 },
            { "matched": 0, "applied": 0 },
        ],
    });
    assert_eq!(line, expected);
}

#[test]
fn control_is_counted_where_its_page_would_have_been_edited() {
    let changes = json!([datafile::text("h1", "Start free")]);
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::of([datafile::nobody("headline", "/", changes)]));
    site.get("/").visitor("alice").send().is(200).holds(PAGE);
    let line = one_exposure(&site);
    assert_eq!(
        (&line["type"], &line["variant"]),
        (&json!("exposure"), &json!("control"))
    );
}

#[test]
fn where_nothing_matches_nobody_is_counted_on_either_side() {
    let changes = json!([datafile::text("h6", "Start free")]);
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::of([
        datafile::everybody("headline", "/", changes.clone()),
        datafile::nobody("other", "/", changes),
    ]));
    site.get("/").visitor("alice").send().is(200).holds(PAGE);
    assert_eq!(site.log(), [] as [Value; 0]);
}

#[test]
fn experiments_that_are_not_running_show_and_count_nothing() {
    let experiments = ["paused", "stopped", "draft"].map(|status| {
        let changes = json!([datafile::text("h1", "Start free")]);
        let mut experiment = datafile::everybody(status, "/", changes);
        experiment["status"] = json!(status);
        experiment
    });
    let page = html(PAGE).header("ETag", "\"v1\"");
    let site = Site::serving("/", page.clone()).with_datafile(datafile::of(experiments));
    site.get("/").visitor("alice").send().is_untouched(&page);
    assert_eq!(site.log(), [] as [Value; 0]);
}

#[test]
fn a_visitor_who_is_not_covered_gets_the_origins_page_and_is_not_counted() {
    let mut datafile = datafile::headline("Start free");
    let experiment = &mut datafile["experiments"][0];
    experiment["coverage"] = json!(0);
    experiment["variants"][1]["allocation"] = json!([]);
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile);
    site.get("/").visitor("alice").send().is(200).holds(PAGE);
    assert_eq!(site.log(), [] as [Value; 0]);
}

#[test]
fn six_requests_and_more_are_counted_one_by_one() {
    // The runtime gives a sandbox at most six, so this crosses into the next ones.
    let site =
        Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Start free"));
    for number in 0..20 {
        site.get("/").visitor(&format!("visitor-{number}")).send().shows("Start free");
    }
    let lines = site.logged("exposure");
    let visitors: Vec<_> = lines.iter().map(|line| line["visitor"].clone()).collect();
    let expected: Vec<_> =
        (0..20).map(|number| json!(format!("visitor-{number}"))).collect();
    assert_eq!(visitors, expected);
}

#[test]
fn what_anybody_can_write_into_an_address_is_cut() {
    let path = |letter: &str| format!("/{}", letter.repeat(5_000));
    let site = Site::serving(&path("a"), html(PAGE))
        .and(&path("b"), html("down").status(503))
        .and(&path("c"), html(PAGE).header("Content-Encoding", "br"))
        .with_datafile(datafile::below("/"));
    for letter in ["a", "b", "c"] {
        site.get(&path(letter)).visitor("alice").navigating().send();
    }
    let lines = site.log();
    let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str()).collect();
    assert_eq!(kinds, [Some("exposure"), Some("passed"), Some("fault")]);
    for line in lines {
        let page = line["page"].as_str().expect("a path");
        assert_eq!(page.len(), 1_000, "{line}");
    }
}
