//! Experiments for some visitors only: what a request tells decides who sees them.

use edgewise_wasm_tests::{Answer, Request, Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

/// A page that browsers may keep.
fn page() -> Answer {
    html(PAGE).header("ETag", "\"v1\"").header("Cache-Control", "public, max-age=600")
}

/// A site whose experiment is for these visits and shows everybody in it "Start free".
fn site_for(audience: Value) -> Site {
    let changes = json!([datafile::text("h1", "Start free")]);
    let mut experiment = datafile::everybody("headline", "/", changes);
    experiment["audience"] = audience;
    Site::serving("/", page()).with_datafile(datafile::of([experiment]))
}

/// The request is one of a visit that the experiment is for.
#[track_caller]
fn is_in(request: Request<'_>) {
    request.visitor("alice").send().shows("Start free");
}

/// The request is not, so the visitor sees what the origin gave; caches may not keep it for those who are in.
#[track_caller]
fn is_out(request: Request<'_>) {
    request.visitor("alice").send().is_untouched_but_private(&page());
}

#[track_caller]
fn counts(site: &Site, exposures: usize) {
    let lines = site.log();
    assert_eq!(lines.len(), exposures, "{lines:?}");
    assert!(lines.iter().all(|line| line["type"] == "exposure"), "{lines:?}");
}

#[test]
fn visitors_from_some_countries() {
    let audience = json!({ "fact": "geo.country", "one_of": ["DE", "AT"] });
    for (country, takes_part) in [("AT", true), ("CH", false)] {
        let geo = json!({ "country": country, "city": "Somewhere" });
        let site = site_for(audience.clone()).with_geo(geo);
        let request = site.get("/");
        if takes_part {
            is_in(request);
        } else {
            is_out(request);
        }
        counts(&site, usize::from(takes_part));
    }
    let nobody_knows = site_for(audience.clone());
    is_out(nobody_knows.get("/"));
    let not_there = site_for(json!({ "not": audience }));
    // What is unknown is not the contrary of what is known.
    is_out(not_there.get("/"));
}

#[test]
fn visitors_with_a_cookie_in_whichever_line() {
    let site = site_for(json!({ "fact": "cookie.plan", "is": "team" }));
    is_in(site.get("/").cookie("a=1").cookie("b=2; plan=team"));
    is_in(site.get("/").cookie("plan=team; a=1").cookie("b=2"));
    is_in(site.get("/").cookie("plan=%74eam"));
    is_in(site.get("/").header_bytes("Cookie", b"a=\xff; plan=team"));
    is_out(site.get("/").cookie("a=1").cookie("plan=solo"));
    is_out(site.get("/").cookie("my_plan=team"));
    is_out(site.get("/").header_bytes("Cookie", b"plan=team\xff"));
    is_out(site.get("/"));
    counts(&site, 4);
}

#[test]
fn nobody_can_be_told_by_our_own_cookies() {
    let exists = json!({ "fact": "cookie.edgewise", "exists": true });
    let site = site_for(exists);
    // No experiment of the datafile can be read, so none runs, and caches may keep the page.
    site.get("/").visitor("alice").send().is_untouched(&page());
}

#[test]
fn visitors_with_a_parameter() {
    let site = site_for(json!({ "fact": "query.plan", "is": "team one" }));
    is_in(site.get("/?a=1&plan=team+one&plan=solo"));
    is_in(site.get("/?plan=team%20one"));
    is_out(site.get("/?plan=solo&plan=team+one"));
    is_out(site.get("/?PLAN=team+one"));
    is_out(site.get("/?plan=%FF"));
    is_out(site.get("/"));
    counts(&site, 2);
    let seen = site.origin().seen();
    assert_eq!(seen[0].target, "/?a=1&plan=team+one&plan=solo");
}

#[test]
fn visitors_with_a_header_and_where_they_come_from() {
    let site = site_for(json!({ "any": [
        { "fact": "header.x-beta", "is": "yes" },
        { "all": [
            { "fact": "source", "is": "search" },
            { "fact": "referrer.host", "ends": "google.com" },
        ] },
    ] }));
    is_in(site.get("/").header("X-Beta", "yes"));
    is_in(site.get("/").header("Referer", "https://www.google.com/"));
    is_out(site.get("/").header("Referer", "https://blog.example/"));
    is_out(site.get("/").header("Referer", "https://www.google.com.evil.example/"));
    is_out(site.get("/"));
    counts(&site, 2);
}

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) \
    AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1";
const REDUCED: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

#[test]
fn visitors_on_phones() {
    let site = site_for(json!({ "fact": "device.class", "is": "phone" }));
    is_in(site.get("/").user_agent(PHONE));
    is_out(site.get("/").user_agent(REDUCED));
    is_out(site.get("/"));
    counts(&site, 1);
}

#[test]
fn visitors_whose_browser_gives_hints() {
    let site = site_for(json!({ "all": [
        { "fact": "device.browser", "is": "Edge" },
        { "fact": "device.browser_version", "version": { "at_least": "140" } },
    ] }));
    let brands =
        "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Microsoft Edge\";v=";
    let hinting = |version: &str| {
        let request = site.get("/").user_agent(REDUCED);
        request.header("Sec-CH-UA", &format!("{brands}\"{version}\""))
    };
    is_in(hinting("140"));
    is_out(hinting("99"));
    is_out(site.get("/").user_agent(REDUCED));
    counts(&site, 1);
}

#[test]
fn visitors_who_read_a_language() {
    let site = site_for(json!({ "fact": "languages", "is": "de" }));
    let reading = |languages: &str| site.get("/").header("Accept-Language", languages);
    is_in(reading("en-GB,en;q=0.9,DE;q=0.1"));
    is_in(reading("de-CH"));
    is_out(reading("en, de;q=0"));
    is_out(reading(";;;q=,,*"));
    is_out(site.get("/"));
    counts(&site, 2);
}

#[test]
fn visitors_who_are_in_another_experiment() {
    let words = |words| json!([datafile::text("h1", words)]);
    let first = datafile::half("first", "/other", words("First"));
    let mut second = datafile::everybody("second", "/", words("Start free"));
    second["audience"] = json!({ "in_experiment": "first", "variant": "benefit" });
    let site = Site::serving("/", page())
        .and("/other", page())
        .with_datafile(datafile::of([first, second]));
    let mut takes_part = [0, 0];
    for number in 0..12 {
        let visitor = format!("visitor-{number}");
        let sees = |path, words: &str| {
            site.get(path).visitor(&visitor).send().text().contains(words)
        };
        let (first, second) = (sees("/other", "First"), sees("/", "Start free"));
        assert_eq!(first, second, "{visitor}");
        takes_part[usize::from(first)] += 1;
    }
    assert!(takes_part.iter().all(|count| *count > 0), "{takes_part:?}");
}
