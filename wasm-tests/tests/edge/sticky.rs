//! Variants that visitors keep whatever becomes of the weights.

use edgewise_wasm_tests::{Reply, Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

fn site(mut experiment: Value) -> Site {
    experiment["sticky"] = json!(true);
    Site::serving("/", html(PAGE)).with_datafile(datafile::of([experiment]))
}

fn changes() -> Value {
    json!([datafile::text("h1", "Start free")])
}

/// Everybody sees the change.
fn before() -> Site {
    site(datafile::everybody("headline", "/", changes()))
}

/// The same experiment after its weights were changed: nobody new sees it.
fn after() -> Site {
    site(datafile::nobody("headline", "/", changes()))
}

fn show(site: &Site, cookies: &str) -> Reply {
    site.get("/").cookie(cookies).send()
}

/// What Alice's browser keeps after she saw the change.
fn kept_by(visitor: &str) -> String {
    let before = before();
    before.get("/").visitor(visitor).send().shows("Start free").cookie("edgewise_sticky")
}

#[test]
fn who_saw_a_variant_keeps_it() {
    let before = before();
    let first = before.get("/").visitor("alice").send();
    let line = first.shows("Start free").sets_cookie("edgewise_sticky")[0].to_owned();
    let parts: Vec<_> = line.split("; ").collect();
    assert!(parts[0].starts_with("edgewise_sticky=headline.benefit."), "{line}");
    assert_eq!(parts[1], "Path=/");
    assert!(parts[2].starts_with("Max-Age="), "{line}");
    assert_eq!(parts[3..], ["Secure", "HttpOnly", "SameSite=Lax"]);
    let cookies = format!("a=1; edgewise=2.alice; {}", parts[0]);

    let again = show(&before, &cookies);
    again.shows("Start free");
    assert_eq!(
        again.sets_cookie("edgewise_sticky"),
        [] as [&str; 0],
        "it is there already"
    );

    let after = after();
    show(&after, &cookies).shows("Start free");
    show(&after, "edgewise=2.alice").shows("Hi").hides("Start free");
    for site in [before, after] {
        for seen in site.origin().seen() {
            let cookies = seen.headers.all("cookie").join("; ");
            assert!(!cookies.contains("edgewise"), "the origin sees {cookies}");
        }
        let variants: Vec<_> =
            site.logged("exposure").iter().map(|line| line["variant"].clone()).collect();
        assert_eq!(variants[0], "benefit");
    }
}

#[test]
fn nobody_can_choose_a_variant() {
    let (after, kept) = (after(), kept_by("alice"));
    let forged = kept.replace("benefit", "control");
    let (unsigned, _) = kept.rsplit_once('.').expect("a signature");
    for (visitor, cookie) in [
        ("bob", kept.as_str()),
        ("alice", &format!("{kept}0")),
        ("alice", unsigned),
        ("alice", "edgewise_sticky=headline.benefit."),
        ("alice", "edgewise_sticky="),
    ] {
        let reply = show(&after, &format!("edgewise=2.{visitor}; {cookie}"));
        reply.shows("Hi").hides("Start free");
        let own = reply.cookie("edgewise_sticky");
        assert!(own.starts_with("edgewise_sticky=headline.control."), "{cookie}: {own}");
    }
    let before = before();
    show(&before, &format!("edgewise=2.alice; {forged}")).shows("Start free");
}

#[test]
fn a_variant_is_kept_only_where_the_experiment_says_so() {
    let experiment = datafile::nobody("headline", "/", changes());
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::of([experiment]));
    let reply = show(&site, &format!("edgewise=2.alice; {}", kept_by("alice")));
    reply.shows("Hi").hides("Start free");
    let emptied = reply.cookie("edgewise_sticky");
    assert!(!emptied.contains("headline"), "{emptied}");
}

#[test]
fn without_a_key_nothing_is_kept_and_the_page_arrives() {
    let site = before().without_secrets();
    let reply = site.get("/").visitor("alice").send();
    reply.shows("Start free");
    assert_eq!(reply.sets_cookie("edgewise_sticky"), [] as [&str; 0]);
    assert_eq!(site.faults(), ["secret-missing"]);
}
