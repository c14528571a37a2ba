//! `Server-Timing`, for who has followed a debug link and for nobody else.

use edgewise_wasm_tests::{Answer, Reply, Site, asset, datafile, html};
use serde_json::json;

use crate::PAGE;

/// Signed with the key of the sites here, until 2100; the same until 2001; and signed for something else.
const TOKEN: &str = "4102444800.afb495246259db80aeab567ed5684087";
const EXPIRED: &str = "1000000000.4ba4aeae5730b83a9006069793a327a5";
const FOR_VARIANTS: &str = "4102444800.c100b6907add2f1ca8e2b3b828b4bb20";

fn page() -> Answer {
    html(PAGE).header("Cache-Control", "public, max-age=600")
}

fn site() -> Site {
    let words = |words| json!([datafile::text("h1", words)]);
    let mut others = datafile::everybody("others", "/", words("Others"));
    others["audience"] = json!({ "fact": "cookie.plan", "is": "team" });
    let datafile =
        datafile::of([datafile::everybody("headline", "/", words("Start free")), others]);
    Site::serving("/", page())
        .and("/about", page())
        .and("/app.css", asset("text/css", "h1{}"))
        .with_datafile(datafile)
}

fn timing(reply: &Reply) -> String {
    reply.headers.all("server-timing").join(", ")
}

#[test]
fn who_follows_a_link_is_told_what_was_decided() {
    let site = site();
    let link = format!("/?a=1&_edgewise_debug={TOKEN}");
    let reply = site.get(&link).visitor("alice").navigating().send();
    reply.shows("Start free");
    let told = timing(&reply);
    for entry in [
        "decide;dur=",
        "origin;dur=",
        "revision;desc=\"7\"",
        "experiment;desc=\"headline=benefit assigned\"",
        "experiment;desc=\"others: not-in-audience\"",
    ] {
        assert!(told.contains(entry), "{entry} in {told}");
    }
    assert_eq!(site.origin().seen()[0].target, "/?a=1");
    let cookie = reply.cookie("edgewise-debug");
    assert_eq!(cookie, format!("edgewise-debug={TOKEN}"));
    let line = reply.sets_cookie("edgewise-debug")[0];
    assert!(
        line.contains("Secure") && line.contains("HttpOnly") && !line.contains("Max-Age")
    );
    // From then on without the link, also where nothing runs, and then for nobody else.
    let reply = site.get("/").visitor("alice").cookie(&cookie).navigating().send();
    assert!(timing(&reply).contains("headline=benefit"), "{}", timing(&reply));
    reply.shows("Start free");
    assert!(reply.sets_cookie("edgewise-debug").is_empty());
    let reply = site.get("/about").cookie(&cookie).navigating().send();
    assert!(timing(&reply).contains("decide"), "{}", reply.brief());
    assert!(
        reply.headers.get("cache-control").is_some_and(|it| it.starts_with("private"))
    );
    let style =
        site.get("/app.css").cookie(&cookie).header("Sec-Fetch-Dest", "style").send();
    assert_eq!(timing(&style), "");
    let cookies = site.origin().seen();
    assert!(cookies.iter().all(|one| !one.headers.has("cookie")));
}

#[test]
fn nobody_else_is_told_anything() {
    let site = site();
    let plain = site.get("/").visitor("alice").navigating().send();
    plain.shows("Start free").lacks(&["server-timing"]);
    let altered = TOKEN.replace("41024", "51024");
    let long = "9".repeat(5_000);
    for token in [EXPIRED, FOR_VARIANTS, &altered, "", "x", ".", &long, "%0d%0aX:1"] {
        let link = format!("/?_edgewise_debug={token}");
        let reply = site.get(&link).visitor("alice").navigating().send();
        reply.shows("Start free").lacks(&["server-timing", "x"]);
        assert!(reply.sets_cookie("edgewise-debug").is_empty());
        let cookie = format!("edgewise-debug={token}");
        let reply = site.get("/").visitor("alice").cookie(&cookie).navigating().send();
        reply.shows("Start free").lacks(&["server-timing"]);
    }
    // What the origin says about itself stays.
    let own = html(PAGE).header("Server-Timing", "db;dur=5");
    let site = Site::serving("/", own).with_datafile(datafile::headline("Start free"));
    site.get("/").visitor("alice").send().has("server-timing", "db;dur=5");
    let reply = site.get(&format!("/?_edgewise_debug={TOKEN}")).visitor("alice").send();
    assert_eq!(reply.headers.all("server-timing").len(), 2);
}

#[test]
fn without_a_signing_key_links_do_nothing() {
    let site = site().without_secrets();
    let reply = site.get(&format!("/?_edgewise_debug={TOKEN}")).visitor("alice").send();
    reply.shows("Start free").lacks(&["server-timing"]);
    assert_eq!(site.faults(), ["secret-missing"]);
}

#[test]
fn redirects_and_unmodified_pages_tell_it_too() {
    let redirecting = datafile::of([datafile::redirecting("moved", "/", "/other")]);
    let site = Site::serving("/", page()).with_datafile(redirecting);
    let cookie = format!("edgewise-debug={TOKEN}");
    let reply = site.get("/").visitor("alice").cookie(&cookie).navigating().send();
    reply.is(302);
    assert!(timing(&reply).contains("moved=benefit"), "{}", reply.brief());
    assert!(
        reply.headers.get("cache-control").is_some_and(|it| it == "private, no-store")
    );
    let tagged = html(PAGE).header("ETag", "\"v1\"");
    let site = Site::serving("/", tagged).with_datafile(datafile::headline("Start free"));
    let ask = |tag: &str| {
        let request = site.get("/").visitor("alice").cookie(&cookie).navigating();
        request.header("If-None-Match", tag).send()
    };
    let held = ask("\"x\"").headers.get("etag").expect("a tag").to_owned();
    let reply = ask(&held);
    reply.is(304);
    assert!(timing(&reply).contains("headline=benefit"), "{}", reply.brief());
}
