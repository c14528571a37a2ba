//! A shield in front of the origin: pages are rewritten at the edge only, and the shield keeps what all can have.

use edgewise_wasm_tests::{Answer, Site, asset, datafile, html};
use serde_json::json;

use crate::PAGE;

const NAME: &str = "pdx-or-us";

fn page() -> Answer {
    html(PAGE).header("ETag", "\"v1\"").header("Cache-Control", "public, max-age=600")
}

fn shield() -> Site {
    Site::serving("/", page())
        .and("/app.css", asset("text/css", "h1{}"))
        .with_datafile(datafile::headline("Start free"))
        .as_shield(NAME)
}

#[test]
fn a_page_is_rewritten_once_at_the_edge() {
    let shield = shield();
    let edge = Site::serving("/", html("<h1>not by the shield</h1>"))
        .with_datafile(datafile::headline("Start free"))
        .behind_shield(NAME, &shield);
    let reply = edge.get("/").visitor("alice").navigating().send();
    reply.is(200).holds(PAGE.replace(">Hi<", ">Start free<"));
    edge.get("/app.css").header("Sec-Fetch-Dest", "style").send().is(200).holds("h1{}");
    // What the shield gave can be kept for all, and its origin saw nothing of ours.
    let seen = shield.origin().seen();
    assert_eq!(seen.len(), 2);
    let ours = |name: &str| name.to_ascii_lowercase().starts_with("edgewise");
    assert!(seen.iter().all(|one| !one.headers.iter().any(|(name, _)| ours(name))));
    assert_eq!(shield.logged("exposure").len(), 0);
    assert_eq!(edge.logged("exposure").len(), 1);
    assert!(edge.origin().seen().is_empty());
    let held = reply.headers.get("etag").expect("a tag").to_owned();
    let again =
        edge.get("/").visitor("alice").navigating().header("If-None-Match", &held);
    again.send().is(304);
}

#[test]
fn at_the_shield_only_another_edge_is_given_the_page_as_it_is() {
    let shield = shield();
    shield.get("/").visitor("alice").navigating().send().shows("Start free");
    for mark in ["Fastly-FF", "Edgewise-Edge"] {
        let request = shield.get("/").visitor("alice").navigating().header(mark, "x");
        request.send().is_untouched(&page());
    }
    let seen = shield.origin().seen();
    assert!(
        seen.iter()
            .all(|one| !one.headers.has("edgewise-edge") && !one.headers.has("cookie"))
    );
    // Where there is no shield, whoever writes such a header gets what everybody gets.
    let plain =
        Site::serving("/", page()).with_datafile(datafile::headline("Start free"));
    for mark in ["Fastly-FF", "Edgewise-Edge"] {
        plain.get("/").visitor("alice").header(mark, "x").send().shows("Start free");
    }
}

#[test]
fn variants_that_the_origin_renders_do_not_go_by_the_shield() {
    let shield = shield();
    let mut experiment = datafile::everybody("home", "/", json!([]));
    experiment["rendering"] = json!("origin");
    let edge = Site::serving("/", html("<h1>rendered</h1>"))
        .with_datafile(datafile::of([experiment]))
        .behind_shield(NAME, &shield);
    edge.get("/").visitor("alice").navigating().send().shows("rendered");
    assert_eq!(edge.origin().seen()[0].headers.all("edgewise"), ["home=benefit"]);
    assert!(shield.origin().seen().is_empty());
}

#[test]
fn a_shield_that_is_dead_or_unknown_is_gone_round() {
    let page = page();
    let edge = Site::serving("/", page.clone())
        .with_datafile(datafile::headline("Start free"))
        .with_option("shield", "nowhere");
    edge.get("/").visitor("alice").send().shows("Start free");
    assert_eq!(edge.faults(), ["origin-unreachable"]);
    let dead = Site::serving("/", page)
        .with_datafile(datafile::headline("Start free"))
        .behind_dead_shield(NAME);
    dead.get("/").visitor("alice").send().shows("Start free");
    assert_eq!(dead.faults(), [] as [&str; 0]);
}
