//! QA links: a signed link shows a variant, and nobody is counted by it.

use edgewise_wasm_tests::{Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

/// Signed with the key of these sites: HMAC-SHA-256 of "edgewise forced variants 1",
/// a line break and the token up to its last dot, the first 16 bytes in hex. One lives
/// until 2100, one died in 2001.
const LIVING: &str = "headline.benefit.4102444800.240d5493c8e220a28e0a0c6e04eddb44";
const EXPIRED: &str = "headline.benefit.1000000000.277b571f32d155be65600e33babee55f";

fn site() -> Site {
    let changes = json!([datafile::text("h1", "Start free")]);
    Site::serving("/", html(PAGE))
        .with_datafile(datafile::of([datafile::nobody("headline", "/", changes)]))
}

fn link(site: &Site) -> String {
    let wish = json!({ "experiment": "headline", "variant": "benefit", "path": "/?a=1" });
    let request = site.post("/_edgewise/api/v1/qa-links", wish.to_string()).with_token();
    let reply = request.header("Content-Type", "application/json").send();
    let answer = reply.json();
    assert!(matches!(reply.status, 200 | 201), "{}", reply.brief());
    let expires = answer["expires_at"].as_str().expect("an RFC 3339 time");
    assert!(expires.contains('T') && expires.ends_with('Z'), "{expires}");
    answer["url"].as_str().expect("a url").to_owned()
}

#[track_caller]
fn no_exposure(site: &Site) {
    assert_eq!(site.logged("exposure"), [] as [Value; 0]);
}

#[test]
fn a_link_shows_its_variant_and_keeps_it_for_the_session() {
    let site = site();
    let url = link(&site);
    assert!(url.starts_with("/?a=1&_edgewise="), "{url}");
    let reply = site.get(&url).visitor("alice").send();
    reply.shows("Start free");
    let cookies = reply.sets_cookie("edgewise_qa");
    assert_eq!(cookies.len(), 1, "{}", reply.brief());
    let parts: Vec<_> = cookies[0].split("; ").collect();
    for word in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(parts.contains(&word), "{}", cookies[0]);
    }
    let lasting =
        |part: &&str| part.starts_with("Max-Age") || part.starts_with("Expires");
    assert!(!parts.iter().any(lasting), "only for the session: {}", cookies[0]);

    let next = site.get("/").visitor("alice").cookie(parts[0]).send();
    next.shows("Start free");
    site.get("/").visitor("alice").send().is(200).hides("Start free");

    let forced = site.logged("forced-exposure");
    assert_eq!(forced.len(), 2, "{forced:?}");
    assert!(forced.iter().all(|line| line["variant"] == "benefit"));
    // The third request was an ordinary one.
    let counted = site.logged("exposure");
    assert_eq!(counted.len(), 1, "{counted:?}");
    assert_eq!(counted[0]["variant"], "control");
}

#[test]
fn the_origin_never_sees_the_link() {
    let site = site();
    let url = link(&site);
    site.get(&url).visitor("alice").cookie("edgewise_qa=x; a=1").send().is(200);
    site.get("/other?_edgewise=x&b=2").send().is(404);
    site.get("/other?_edgewise=x").send().is(404);
    let seen = site.origin().seen();
    let targets: Vec<_> = seen.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(targets, ["/?a=1", "/other?b=2", "/other"]);
    assert_eq!(seen[0].headers.all("cookie"), ["a=1"]);
}

#[test]
fn a_link_works_until_it_expires() {
    let site = site();
    site.get(&format!("/?_edgewise={LIVING}")).send().shows("Start free");
    site.get(&format!("/?_edgewise={EXPIRED}")).send().is(200).holds(PAGE);
    site.get("/").cookie(&format!("edgewise_qa={EXPIRED}")).send().is(200).holds(PAGE);
    assert_eq!(site.logged("forced-exposure").len(), 1);
}

#[test]
fn a_link_that_was_tampered_with_is_ignored() {
    let site = site();
    let other = LIVING.replace("benefit", "control");
    let later = LIVING.replace("4102444800", "4102444801");
    let signature = LIVING.replace(&LIVING[LIVING.len() - 4..], "0000");
    let shorter = &LIVING[..LIVING.len() - 2];
    for token in
        [other.as_str(), &later, &signature, shorter, "", "x", "...", "%00", "a.b.c.d"]
    {
        let reply = site.get(&format!("/?_edgewise={token}")).visitor("alice").send();
        reply.is(200).holds(PAGE);
        assert!(reply.sets_cookie("edgewise_qa").is_empty(), "{token}");
        let cookie = format!("edgewise_qa={token}");
        site.get("/").visitor("alice").cookie(&cookie).send().is(200).holds(PAGE);
    }
    assert_eq!(site.logged("forced-exposure"), [] as [Value; 0]);
}

#[test]
fn control_can_be_forced_too_and_is_not_counted() {
    let changes = json!([datafile::text("h1", "Start free")]);
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::of([datafile::everybody("headline", "/", changes)]));
    let wish = json!({ "experiment": "headline", "variant": "control", "path": "/" });
    let request = site.post("/_edgewise/api/v1/qa-links", wish.to_string()).with_token();
    let url = request.send().json()["url"].as_str().expect("a url").to_owned();
    site.get(&url).visitor("alice").send().is(200).holds(PAGE);
    let forced = site.logged("forced-exposure");
    assert_eq!(forced.len(), 1, "{forced:?}");
    assert_eq!(forced[0]["variant"], "control");
    no_exposure(&site);
}

#[test]
fn links_are_made_for_what_exists_only() {
    let site = site();
    for wish in [
        json!({ "experiment": "nothing", "variant": "benefit", "path": "/" }),
        json!({ "experiment": "headline", "variant": "nothing", "path": "/" }),
        json!({ "experiment": "headline", "variant": "benefit", "path": "//evil.example" }),
        json!({ "experiment": "headline", "variant": "benefit", "path": "https://evil.example/" }),
        json!({ "experiment": "headline" }),
    ] {
        let request = site.post("/_edgewise/api/v1/qa-links", wish.to_string());
        let reply = request.with_token().send();
        assert!((400..500).contains(&reply.status), "{wish}: {}", reply.brief());
        reply.has("content-type", "application/problem+json");
    }
}
