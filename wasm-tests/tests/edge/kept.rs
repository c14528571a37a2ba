//! What scripts in visitors' pages tell about the changes that they keep.

use edgewise_wasm_tests::{Reply, Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

fn site() -> Site {
    let changes =
        json!([datafile::text("a.cta", "Start free"), datafile::text("h1", "Hello"),]);
    let mut everybody = datafile::everybody("words", "/", changes);
    everybody["rendering"] = json!("hydrated");
    Site::serving("/", html(PAGE)).with_datafile(datafile::of([everybody]))
}

fn told(site: &Site, body: &str) -> Reply {
    site.request("POST", "/_edgewise/kept").body(body.as_bytes()).send()
}

#[test]
fn what_became_of_a_change_is_logged() {
    let site = site();
    let body =
        r#"[{"change":"words/benefit/1","state":"kept"},{"change":"words/benefit/2"}]"#;
    told(&site, body).is(204);
    let lines = site.log();
    let states: Vec<_> = lines
        .iter()
        .map(|line| (line["type"].clone(), line["change"].clone(), line["state"].clone()))
        .collect();
    let expected: [(Value, Value, Value); 2] = [
        (json!("kept"), json!(1), json!("kept")),
        (json!("kept"), json!(2), json!("not-found")),
    ];
    assert_eq!(states, expected);
    assert_eq!(
        (&lines[0]["experiment"], &lines[0]["variant"]),
        (&json!("words"), &json!("benefit"))
    );
}

#[test]
fn what_cannot_be_true_is_not_logged() {
    let site = site();
    for body in [
        "",
        "no JSON",
        "{}",
        r#"[{"change":"words/benefit/3","state":"kept"}]"#,
        r#"[{"change":"other/benefit/1","state":"kept"}]"#,
        r#"[{"change":"words/benefit/1","state":"\n{}"}]"#,
        r#"[{"change":"words/benefit/1/1","state":"kept"}]"#,
    ] {
        told(&site, body).is(204);
    }
    assert_eq!(site.log(), Vec::<Value>::new());
    assert!(site.origin().seen().is_empty(), "the origin has nothing to do with it");
}

#[test]
fn other_sites_and_other_methods_are_not_heard() {
    let site = site();
    let body = r#"[{"change":"words/benefit/1","state":"kept"}]"#;
    let elsewhere =
        site.request("POST", "/_edgewise/kept").header("Sec-Fetch-Site", "cross-site");
    elsewhere.body(body.as_bytes()).send().is(403);
    site.get("/_edgewise/kept").send().is(405);
    assert_eq!(site.log(), Vec::<Value>::new());
}

#[test]
fn a_story_of_sixteen_kibibytes_is_heard_and_no_longer_one() {
    let site = site();
    let mut body = r#"[{"change":"words/benefit/1","state":"kept"}]"#.to_owned();
    body += &" ".repeat(16 * 1024 - body.len());
    told(&site, &body).is(204);
    assert_eq!(site.log().len(), 1);
    body.push(' ');
    told(&site, &body).is(413);
    assert_eq!(site.log().len(), 1);
}
