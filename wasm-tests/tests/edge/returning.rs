//! Visitors who come back, as far as it can be told without waiting.

use edgewise_wasm_tests::{Answer, Reply, Site, asset, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

/// A visitor who came three times, at last in January 1970.
const LONG_AGO: &str = "edgewise=2.alice.0.3.1.d";

fn page() -> Answer {
    html(PAGE).header("ETag", "\"v1\"").header("Cache-Control", "public, max-age=600")
}

fn experiment(audience: Value) -> Value {
    let changes = json!([datafile::text("h1", "Welcome back")]);
    let mut experiment = datafile::everybody("again", "/", changes);
    experiment["pages"]["include"] = json!([{ "prefix": "/shop" }]);
    experiment["audience"] = audience;
    experiment
}

/// A site with an experiment for some visits below "/shop", and other answers beside its pages.
fn site_for(audience: Value) -> Site {
    Site::serving("/shop", page())
        .and("/about", page())
        .and("/shop/app.css", asset("text/css", "h1{}").header("ETag", "\"v1\""))
        .and("/shop/gone", page().status(410))
        .with_datafile(datafile::of([experiment(audience)]))
}

/// First day, visits, last minute and source, as the cookie has them.
fn history(reply: &Reply) -> Vec<String> {
    let cookie = reply.cookie("edgewise");
    cookie.split('.').skip(2).map(str::to_owned).collect()
}

#[test]
fn the_first_page_begins_the_record_and_the_second_goes_on_with_it() {
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Hello"));
    let from = |site: &str| format!("https://{site}/");
    let google = from("www.google.com");
    let first = site.get("/").navigating().header("Referer", &google).send();
    let begun = history(&first);
    assert_eq!((begun.len(), begun[1].as_str(), begun[3].as_str()), (4, "1", "s"));
    let request = site.get("/").navigating().cookie(&first.cookie("edgewise"));
    let second = request.header("Referer", &from("blog.example")).send();
    assert_eq!(second.visitor(), first.visitor());
    let gone_on = history(&second);
    assert_eq!((&gone_on[0], &gone_on[1]), (&begun[0], &begun[1]));
    assert_eq!(gone_on[3], "s", "what led to the visit");
}

#[test]
fn a_visit_after_a_pause_is_another_one() {
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Hello"));
    let reply = site.get("/").cookie(LONG_AGO).send();
    assert_eq!(reply.visitor(), "alice");
    let now = history(&reply);
    assert_eq!((now[0].as_str(), now[1].as_str()), ("0", "4"), "{now:?}");
    assert!(now[2].len() > 3, "the minute of this page: {now:?}");
}

#[test]
fn experiments_for_those_who_come_back() {
    let four = json!({ "fact": "visitor.visits", "at_least": 4 });
    let returning = json!({ "fact": "visitor.type", "is": "returning" });
    let days = json!({ "fact": "visitor.days", "more": 100 });
    for audience in [four, returning, days] {
        let site = site_for(audience);
        site.get("/shop").cookie(LONG_AGO).send().shows("Welcome back");
        let reply = site.get("/shop").send();
        reply.is(200).holds(PAGE);
        assert_eq!(site.log().len(), 1, "only who sees it is counted");
        let again = site.get("/shop").cookie(&reply.cookie("edgewise")).send();
        // The same visit still.
        again.is(200).holds(PAGE);
        assert_eq!(again.visitor(), reply.visitor());
    }
}

#[test]
fn pages_of_such_an_experiment_carry_the_cookie_without_any_change() {
    let site = site_for(json!({ "fact": "visitor.visits", "at_least": 2 }));
    let reply = site.get("/shop").navigating().send();
    reply.is(200).holds(PAGE).has("etag", "\"v1\"");
    assert_eq!(history(&reply)[1], "1");
    let caching = reply.headers.all("cache-control").join(", ");
    assert!(caching.starts_with("private"), "{caching}");
    assert_eq!(site.log(), [] as [Value; 0]);
}

#[test]
fn other_answers_are_as_they_came() {
    let site = site_for(json!({ "fact": "visitor.visits", "at_least": 2 }));
    site.get("/about").send().is_untouched(&page());
    let style = asset("text/css", "h1{}").header("ETag", "\"v1\"");
    site.get("/shop/app.css").send().is_untouched(&style);
    site.get("/shop/gone").send().is_untouched(&page().status(410));
    site.post("/shop", "a=1").send().is_untouched(&page());
    assert_eq!(site.log(), [] as [Value; 0]);
}
