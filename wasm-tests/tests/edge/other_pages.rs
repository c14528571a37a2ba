//! Variants that show another page of the origin at the address asked for.

use edgewise_wasm_tests::{Answer, Site, asset, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

const OTHER: &str = "<!doctype html>\n<link rel=\"canonical\" href=\"/other\">\n\
    <link rel=next href=/2>\n<h1>Other</h1>\n";

fn showing(other: Answer, changes: Value) -> Site {
    let experiment = datafile::showing("pages", "/landing", "/other", changes);
    site(other, experiment)
}

fn site(other: Answer, experiment: Value) -> Site {
    Site::serving("/landing", html(PAGE))
        .and("/other", other)
        .with_datafile(datafile::of([experiment]))
}

fn counted(site: &Site) -> Vec<Value> {
    let lines = site.logged("exposure");
    let short = |line: &Value| json!([line["variant"], line["changes"]]);
    lines.iter().map(short).collect()
}

#[test]
fn the_other_page_is_shown_changed_at_the_address_asked_for() {
    let other = html(OTHER)
        .header("Link", "</a.css>; rel=preload; as=style, </other>; rel=canonical")
        .header("Set-Cookie", "seen=1")
        .header("Cache-Control", "public, max-age=600")
        .header("ETag", "\"v1\"")
        .gzip_if_accepted();
    let site = showing(other, json!([datafile::text("h1", "New")]));
    let request = site.get("/landing?utm_source=mail").host("www.example.com");
    let reply = request.visitor("alice").cookie("a=1").navigating().send();
    let expected = OTHER
        .replace("\"/other\"", "\"https://www.example.com/landing\"")
        .replace(">Other<", ">New<");
    reply.is(200).holds(expected).has("cache-control", "private, no-cache");
    assert_eq!(
        reply.headers.all("link"),
        [
            "</a.css>; rel=preload; as=style",
            "<https://www.example.com/landing>; rel=\"canonical\""
        ]
    );
    assert_eq!(reply.headers.all("set-cookie").len(), 2, "{}", reply.brief());
    reply.lacks(&["etag", "location"]);
    let seen = site.origin().seen();
    let targets: Vec<_> = seen.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(targets, ["/other?utm_source=mail"]);
    assert_eq!(seen[0].headers.all("host"), ["www.example.com"]);
    assert_eq!(seen[0].headers.all("cookie"), ["a=1"]);
    assert_eq!(counted(&site), [json!(["benefit", [{ "matched": 1, "applied": 1 }]])]);
    assert_eq!(site.logged("exposure")[0]["leads_to"], "/other");
    assert_eq!(site.logged("exposure")[0]["page"], "/landing");
}

#[test]
fn its_own_parameters_win() {
    let experiment =
        datafile::showing("pages", "/landing", "/other?v=b&w=%20", json!([]));
    let site = site(html(OTHER), experiment);
    site.get("/landing?v=a&x=1&v=c").visitor("alice").navigating().send().shows("Other");
    assert_eq!(site.origin().seen()[0].target, "/other?v=b&w=%20&x=1");
}

#[test]
fn it_may_keep_its_own_canonical_address() {
    let mut experiment = datafile::showing("pages", "/landing", "/other", json!([]));
    experiment["variants"][1]["page"]["canonical"] = json!("keep");
    let site = site(html(OTHER).header("Link", "</other>; rel=canonical"), experiment);
    let reply = site.get("/landing").visitor("alice").navigating().send();
    reply.holds(OTHER).has("link", "</other>; rel=canonical");
    assert_eq!(counted(&site), [json!(["benefit", []])]);
}

#[test]
fn where_there_is_no_other_page_the_one_asked_for_is_shown() {
    let others = [
        ("404", html(OTHER).status(404)),
        ("500", html(OTHER).status(500)),
        ("301", html("").status(301).header("Location", "/other/")),
        ("application/json", asset("application/json", "{}")),
    ];
    let page = html(PAGE).header("ETag", "\"v1\"");
    let changes = json!([datafile::text("h1", "New")]);
    let experiments = (0..others.len()).map(|number| {
        let (path, other) = (format!("/{number}"), format!("/other/{number}"));
        datafile::showing(&format!("e{number}"), &path, &other, changes.clone())
    });
    let mut site = Site::serving("/", html("")).with_datafile(datafile::of(experiments));
    for (number, (_, other)) in others.iter().enumerate() {
        site = site.and(&format!("/{number}"), page.clone());
        site = site.and(&format!("/other/{number}"), other.clone());
    }
    let mut expected = Vec::new();
    for (number, (found, _)) in others.iter().enumerate() {
        let request = site.get(&format!("/{number}?x=1")).visitor("alice").navigating();
        request.send().is_untouched(&page);
        let page = format!("/{number}");
        let detail = format!("/other/{number}: {found}");
        expected.push(json!(["fault", "other-page-missing", page, detail]));
    }
    let lines = site.log();
    let short = |line: &Value| {
        json!([line["type"], line["reason"], line["page"], line["detail"]])
    };
    assert_eq!(lines.iter().map(short).collect::<Vec<_>>(), expected);
    let seen = site.origin().seen();
    let targets: Vec<_> = seen.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(targets[..4], ["/other/0?x=1", "/0?x=1", "/other/1?x=1", "/1?x=1"]);
}

#[test]
fn other_experiments_go_on_where_there_is_no_other_page() {
    let words = json!([datafile::text("h1", "New")]);
    let site = Site::serving("/landing", html(PAGE)).with_datafile(datafile::of([
        datafile::showing("pages", "/landing", "/other", words.clone()),
        datafile::everybody("words", "/landing", words),
    ]));
    site.get("/landing").visitor("alice").navigating().send().shows("New");
    let exposures = site.logged("exposure");
    assert_eq!(exposures.len(), 1, "{exposures:?}");
    assert_eq!(exposures[0]["experiment"], "words");
}

#[test]
fn a_page_that_cannot_be_rewritten_is_shown_as_it_is() {
    let other = html(OTHER).header("Cache-Control", "no-transform");
    let site = showing(other, json!([datafile::text("h1", "New")]));
    let reply = site.get("/landing").visitor("alice").navigating().send();
    reply.is(200).holds(OTHER);
    assert_eq!(reply.sets_cookie("edgewise").len(), 1);
    assert_eq!(counted(&site), [json!(["benefit", []])]);
    assert_eq!(site.logged("passed")[0]["reason"], "no-transform");
}

#[test]
fn control_is_counted_where_it_was_shown_a_page() {
    let changes = json!([datafile::text(".only-on-the-other", "New")]);
    let nobody = datafile::nobody("pages", "/", changes);
    let mut experiment = datafile::leading(nobody, "page", json!({ "path": "/other" }));
    experiment["pages"]["include"] = json!([{ "prefix": "/landing" }]);
    let site = site(html(OTHER), experiment);
    let reply = site.get("/landing").navigating().send();
    reply.is(200).holds(PAGE).lacks(&["link"]);
    assert_eq!(reply.sets_cookie("edgewise").len(), 1);
    assert_eq!(counted(&site), [json!(["control", []])]);

    let missing = site.get("/landing/missing").navigating().send();
    assert_eq!(missing.is(404).sets_cookie("edgewise").len(), 1);
    assert_eq!(counted(&site).len(), 1);
    let seen = site.origin().seen();
    let targets: Vec<_> = seen.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(targets, ["/landing", "/landing/missing"]);
}

#[test]
fn head_is_that_of_the_other_page_and_post_goes_where_it_was_sent() {
    let site = showing(html(OTHER).header("X-Odd", "other"), json!([]));
    site.head("/landing")
        .visitor("alice")
        .navigating()
        .send()
        .is(200)
        .has("x-odd", "other");
    site.post("/landing", "a=1").visitor("alice").navigating().send().is(200).holds(PAGE);
    let seen = site.origin().seen();
    let asked: Vec<_> = seen
        .iter()
        .map(|request| (request.method.as_str(), request.target.as_str()))
        .collect();
    assert_eq!(asked, [("HEAD", "/other"), ("POST", "/landing")]);
    assert_eq!(site.log(), [] as [Value; 0]);
}

#[test]
fn the_other_page_at_its_own_address_is_no_part_of_the_experiment() {
    let mut experiment = datafile::showing("pages", "/landing", "/other", json!([]));
    experiment["pages"]["include"] = json!([{ "prefix": "/" }]);
    let other = html(OTHER).header("ETag", "\"v1\"");
    let site = site(other.clone(), experiment);
    site.get("/other").visitor("alice").navigating().send().is_untouched(&other);
    assert_eq!(site.log(), [] as [Value; 0]);
}
