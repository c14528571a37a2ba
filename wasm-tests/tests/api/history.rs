//! Who did what, when and why, in the words of the history.

use edgewise_wasm_tests::PUBLISHER;
use serde_json::{Value, json};

use crate::support::{api, experiment, get, publish, send, site, transition};

#[test]
fn the_history_tells_the_whole_story() {
    let site = site();
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
    let story: Vec<_> =
        history["entries"].as_array().expect("entries").iter().map(told).collect();
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
    assert_eq!(both, json!({ "entries": [], "next_cursor": null }));
    get(&site, "/history?cursor=x").send().is(400);
    get(&site, "/history?limit=0").send().is(400);
    transition(&site, "hero", &json!({ "action": "pause" }), 4).is(200);
    let live = get(&site, "/live").send().json();
    assert_eq!(live["record"]["changes"], json!(["\"hero\" is paused"]));
    assert_eq!(experiment("hero", "x")["key"], "hero");
}
