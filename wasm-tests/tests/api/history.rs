//! Who did what, when and why, in the words of the history.

use edgewise_wasm_tests::{PUBLISHER, Site};
use serde_json::{Value, json};

use crate::support::{api, experiment, get, publish, send, site, transition};

/// When the site was asked what is live, by its own clock, RFC 3339.
fn looked_at(site: &Site) -> String {
    let live = get(site, "/live").send().is(200).json();
    live["read_at"].as_str().expect("a time").to_owned()
}

#[test]
fn the_history_tells_who_threw_the_kill_switch_and_who_took_it_back() {
    let site = site();
    let before = looked_at(&site);
    let off = send(&site, "PUT", "/off", &json!({ "why": "the checkout fails" }));
    off.send().is(200);
    let on = site.request("DELETE", &api("/off")).bearer(PUBLISHER);
    on.send().is(204);
    let after = looked_at(&site);
    publish(&site, "hero", "Start free", 0).is(200);
    let history = get(&site, "/history").send().is(200).json();
    let switches = history["switches"].as_array().expect("switches").clone();
    let told = |one: &Value| json!([one["by"], one["action"], one["why"]]);
    let story: Vec<_> = switches.iter().map(told).collect();
    let expected =
        [json!(["pia", "on", null]), json!(["tests", "off", "the checkout fails"])];
    assert_eq!(story, expected);
    for one in &switches {
        let at = one["at"].as_str().expect("a time");
        assert!(before[..19] <= at[..19] && at[..19] <= after[..19], "{at}");
    }
    assert_eq!(history["entries"].as_array().map(Vec::len), Some(1));
    // Of all experiments; and once, where the list has several pages.
    let none = get(&site, "/history?experiment=none").send().is(200).json();
    assert_eq!(none["switches"], history["switches"]);
    let record = history["entries"][0]["record"].as_str().expect("a hash");
    let rest = get(&site, &format!("/history?cursor={record}")).send().is(200).json();
    assert_eq!(rest["switches"], json!([]));
}

#[test]
fn the_history_tells_the_whole_story() {
    let site = site();
    let before = looked_at(&site);
    publish(&site, "hero", "Start free", 0).is(200);
    publish(&site, "other", "Elsewhere", 1).is(200);
    let stop = json!({ "action": "stop", "why": "it is over" });
    let request = site.post(&api("/experiments/hero/transitions"), stop.to_string());
    let request = request.bearer(PUBLISHER).header("Content-Type", "application/json");
    request.header("If-Match", "\"2\"").send().is(200);
    let back = send(&site, "POST", "/live/rollback", &json!({ "revision": 1 }));
    back.header("If-Match", "\"3\"").send().is(200);
    let history = get(&site, "/history").send().is(200).json();
    let told = |entry: &Value| {
        json!([
            entry["revision"],
            entry["by"],
            entry["action"],
            entry["why"],
            entry["changes"]
        ])
    };
    let entries = history["entries"].as_array().expect("entries");
    let story: Vec<_> = entries.iter().map(told).collect();
    // When: a second between the two looks, and never before what came before it.
    let after = looked_at(&site);
    let times: Vec<_> = entries.iter().filter_map(|entry| entry["at"].as_str()).collect();
    assert_eq!(times.len(), 4);
    assert!(times.is_sorted_by(|later, earlier| later >= earlier), "{times:?}");
    let within =
        |at: &&str| at.len() == 20 && before[..19] <= at[..19] && at[..19] <= after[..19];
    assert!(times.iter().all(within), "{before} {times:?} {after}");
    assert_eq!(
        story,
        [
            json!([
                4,
                "tests",
                "rollback",
                null,
                ["\"hero\" starts running", "\"other\" is gone"]
            ]),
            json!([3, "pia", "stop", "it is over", ["\"hero\" is stopped"]]),
            json!([2, "tests", "publish", null, ["\"other\" is new"]]),
            json!([1, "tests", "publish", null, ["\"hero\" is new"]]),
        ]
    );
    // In pages, and of one experiment.
    let first = get(&site, "/history?limit=3").send().json();
    let cursor = first["next_cursor"].as_str().expect("more").to_owned();
    let rest = get(&site, &format!("/history?limit=3&cursor={cursor}")).send().json();
    assert_eq!(rest["entries"][0]["revision"], 1);
    assert_eq!(rest["next_cursor"], Value::Null);
    let other = get(&site, "/experiments/other/versions").send().is(200).json();
    let revisions: Vec<_> = other["versions"]
        .as_array()
        .expect("versions")
        .iter()
        .map(|one| &one["revision"])
        .collect();
    assert_eq!(revisions, [4, 2]);
    let version = get(&site, "/experiments/other/versions/2").send().is(200).json();
    assert_eq!(version["experiment"]["name"], "Test of other");
    get(&site, "/experiments/other/versions/1").send().is(404);
    get(&site, "/experiments/none/versions").send().is(404);
    let pias = get(&site, "/history?actor=pia").send().is(200).json();
    assert_eq!(pias["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(pias["entries"][0]["revision"], 3);
    let both = get(&site, "/history?actor=pia&experiment=other").send().is(200).json();
    assert_eq!(both["entries"], json!([]));
    assert_eq!(both["next_cursor"], Value::Null);
    get(&site, "/history?cursor=x").send().is(400);
    get(&site, "/history?limit=0").send().is(400);
    transition(&site, "hero", &json!({ "action": "pause" }), 4).is(200);
    let live = get(&site, "/live").send().json();
    assert_eq!(live["record"]["changes"], json!(["\"hero\" is paused"]));
    assert_eq!(experiment("hero", "x")["key"], "hero");
}

#[test]
fn two_hundred_records_are_read_for_one_answer_and_a_hundred_listed() {
    let site = site();
    let mut hero = experiment("hero", "Start free");
    hero["status"] = json!("running");
    let draft = json!({ "draft": { "experiments": [hero] } });
    let publish_over = |revision: u32| {
        let request = send(&site, "PUT", "/live", &draft);
        request.header("If-Match", &format!("\"{revision}\"")).send().is(200);
    };
    let read = |query: &str| get(&site, &format!("/history?{query}")).send();
    (0..200).for_each(publish_over);
    // All are looked at for an experiment that is in none of them.
    let none = read("experiment=none").is(200).json();
    assert_eq!((&none["entries"], &none["next_cursor"]), (&json!([]), &Value::Null));
    publish_over(200);
    let none = read("experiment=none").is(200).json();
    assert_eq!(none["entries"], json!([]));
    let cursor = none["next_cursor"].as_str().expect("one is left").to_owned();
    let first = read(&format!("cursor={cursor}")).is(200).json();
    assert_eq!(first["entries"][0]["revision"], 1);
    let most = read("limit=100").is(200).json();
    assert_eq!(most["entries"].as_array().map(Vec::len), Some(100));
    assert_eq!(most["entries"][99]["revision"], 102);
    read("limit=101").is(400);
}
