//! Visitors who have not agreed, who do not want to take part, and programs: they see the page as it is, no cookie is
//! set, and nobody counts them.

use edgewise_wasm_tests::{Answer, Request, Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

fn page() -> Answer {
    html(PAGE).header("ETag", "\"v1\"").header("Cache-Control", "public, max-age=600")
}

/// A site with one setting, and one experiment that shows everybody "Start free" and one that asks how often they came.
fn site_with(setting: &str, value: Value) -> Site {
    let mut datafile = datafile::headline("Start free");
    let mut returning =
        datafile::everybody("again", "/", json!([datafile::text("p", "Again")]));
    returning["audience"] = json!({ "fact": "visitor.visits", "at_least": 2 });
    datafile["experiments"].as_array_mut().expect("a list").push(returning);
    datafile[setting] = value;
    Site::serving("/", page()).with_datafile(datafile)
}

/// Whoever asks takes part like any visitor.
#[track_caller]
fn takes_part(site: &Site, request: Request<'_>) {
    let before = site.log().len();
    let reply = request.send();
    reply.shows("Start free");
    assert_ne!(
        reply.headers.get("etag"),
        Some("\"v1\""),
        "the tag of the page as it was"
    );
    assert_eq!(reply.sets_cookie("edgewise").len(), 1, "{}", reply.brief());
    assert_eq!(site.log().len(), before + 1);
}

/// Whoever asks gets the origin's answer, header by header, and nobody counts them.
#[track_caller]
fn is_left_alone(site: &Site, request: Request<'_>) {
    let before = site.log().len();
    request.send().is_untouched_but_private(&page());
    assert_eq!(site.log().len(), before, "{:?}", site.log());
}

fn cookie() -> Value {
    json!({ "name": "cc", "contains": "marketing" })
}

#[test]
fn everybody_has_to_agree() {
    let consent = json!({ "required": "everywhere", "cookie": cookie() });
    let site = site_with("consent", consent);
    is_left_alone(&site, site.get("/"));
    is_left_alone(&site, site.get("/").cookie("cc=necessary"));
    is_left_alone(&site, site.get("/").cookie("edgewise=2.alice.0.3.1."));
    takes_part(&site, site.get("/").cookie("cc=necessary%2Cmarketing"));
    takes_part(&site, site.get("/").cookie("a=1").cookie("cc=marketing"));
    let seen = site.origin().seen();
    assert_eq!(seen[2].headers.all("cookie"), [] as [&str; 0], "ours stays here");
    assert_eq!(seen[3].headers.all("cookie"), ["cc=necessary%2Cmarketing"]);
}

#[test]
fn some_countries_have_to_agree() {
    let consent = json!({ "required": ["EU", "CH"], "cookie": cookie() });
    for country in ["DE", "CH"] {
        let site = site_with("consent", consent.clone());
        let site = site.with_geo(json!({ "country": country }));
        is_left_alone(&site, site.get("/"));
        takes_part(&site, site.get("/").cookie("cc=marketing"));
    }
    let elsewhere = site_with("consent", consent.clone());
    let elsewhere = elsewhere.with_geo(json!({ "country": "US" }));
    takes_part(&elsewhere, elsewhere.get("/"));
    let nowhere = site_with("consent", consent);
    is_left_alone(&nowhere, nowhere.get("/"));
}

#[test]
fn a_redirect_waits_for_consent() {
    let mut datafile =
        datafile::of([datafile::redirecting("landing", "/", "/landing-b")]);
    datafile["consent"] = json!({ "required": "everywhere", "cookie": cookie() });
    let site = Site::serving("/", page()).with_datafile(datafile);
    is_left_alone(&site, site.get("/").navigating());
    site.get("/").navigating().cookie("cc=marketing").send().is(302);
}

#[test]
fn browsers_say_no_where_the_site_listens() {
    let site = site_with("signals", json!({ "gpc": true }));
    is_left_alone(&site, site.get("/").header("Sec-GPC", "1"));
    takes_part(&site, site.get("/").header("Sec-GPC", "0"));
    takes_part(&site, site.get("/").header("DNT", "1"));
    let site = site_with("signals", json!({ "dnt": true }));
    is_left_alone(&site, site.get("/").header("DNT", "1"));
    takes_part(&site, site.get("/").header("Sec-GPC", "1"));
    let site = site_with("signals", json!({}));
    takes_part(&site, site.get("/").header("Sec-GPC", "1").header("DNT", "1"));
}

const CRAWLER: &str =
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

#[test]
fn programs_see_the_page_as_it_is() {
    let site = site_with("bots", json!("exclude"));
    is_left_alone(&site, site.get("/").user_agent(CRAWLER));
    is_left_alone(&site, site.get("/").user_agent("curl/8.7.1"));
    is_left_alone(&site, site.get("/").user_agent(""));
    is_left_alone(&site, site.get("/").without("User-Agent"));
    is_left_alone(&site, site.get("/").user_agent(CRAWLER).visitor("alice"));
    takes_part(&site, site.get("/"));
}

#[test]
fn programs_take_part_where_the_site_wants_it() {
    let site = site_with("bots", json!("include"));
    takes_part(&site, site.get("/").user_agent(CRAWLER));
    takes_part(&site, site.get("/").without("User-Agent"));
}
