//! The life of an experiment, as visitors see it.

use serde_json::{Value, json};

use crate::support::{
    PAGE, experiment, get, problem, publish, send, site, transition, until_shown,
};

#[test]
fn what_is_published_is_shown_until_it_is_stopped() {
    let site = site();
    site.get("/").navigating().send().holds(PAGE);
    send(&site, "POST", "/experiments", &experiment("hero", "Start free")).send().is(201);
    let checked = send(&site, "POST", "/experiments/hero/validate", &Value::Null).send();
    assert_eq!(checked.is(200).json(), json!({ "valid": true, "problems": [] }));
    let published =
        transition(&site, "hero", &json!({ "action": "publish", "why": "go" }), 0);
    published.is(200).has("etag", "\"1\"");
    assert_eq!(
        published.json(),
        json!({ "revision": 1, "status": "running", "changes": ["\"hero\" is new"], "problems": [] })
    );
    until_shown(&site, ">Start free<");
    transition(&site, "hero", &json!({ "action": "pause" }), 1).is(200);
    until_shown(&site, ">Hi<");
    transition(&site, "hero", &json!({ "action": "resume" }), 2).is(200);
    until_shown(&site, ">Start free<");
    let stopped = transition(&site, "hero", &json!({ "action": "stop" }), 3);
    assert_eq!(stopped.is(200).json()["status"], "stopped");
    until_shown(&site, ">Hi<");
    transition(&site, "hero", &json!({ "action": "archive" }), 4).is(200);
    get(&site, "/experiments/hero").send().is(404);
}

#[test]
fn an_edit_is_shown_once_it_is_published_and_an_older_version_comes_back() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    until_shown(&site, ">Start free<");
    let tag = get(&site, "/experiments/hero")
        .send()
        .headers
        .get("etag")
        .expect("a tag")
        .to_owned();
    let edited =
        send(&site, "PUT", "/experiments/hero", &experiment("hero", "Begin today"));
    let edited = edited.header("If-Match", &tag).send();
    assert_eq!(
        edited.is(200).json()["allowed"],
        json!(["publish", "pause", "stop", "rollback"])
    );
    get(&site, "/experiments/hero/live").send().is(200);
    transition(&site, "hero", &json!({ "action": "publish" }), 1).is(200);
    until_shown(&site, ">Begin today<");
    let diff = get(&site, "/experiments/hero/versions/1..2/diff").send().is(200).json();
    assert_eq!(
        diff,
        json!({ "from": 1, "to": 2, "changes": [
            "\"hero\": change 1 of \"benefit\": text from \"Start free\" to \"Begin today\"",
        ]})
    );
    transition(&site, "hero", &json!({ "action": "rollback", "revision": 1 }), 2).is(200);
    until_shown(&site, ">Start free<");
    let missing =
        transition(&site, "hero", &json!({ "action": "rollback", "revision": 9 }), 3);
    assert_eq!(problem(missing.is(404))["detail"], "there is no revision \"9\"");
}

#[test]
fn everything_goes_back_to_an_earlier_revision() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    publish(&site, "other", "Never seen", 1).is(200);
    let back = send(
        &site,
        "POST",
        "/live/rollback",
        &json!({ "revision": 1, "why": "too much" }),
    );
    let back = back.header("If-Match", "\"2\"").send();
    back.is(200).has("etag", "\"3\"");
    assert_eq!(back.json()["restores"], 1);
    until_shown(&site, ">Start free<");
    let draft = get(&site, "/draft").send();
    draft.is(200).has("etag", "\"3\"");
    assert_eq!(draft.json()["experiments"].as_array().map(Vec::len), Some(1));
    assert_eq!(draft.json()["revision"], 3);
}

#[test]
fn the_kill_switch_stops_everything_and_the_api_goes_on() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    until_shown(&site, ">Start free<");
    let off = send(&site, "PUT", "/off", &json!({ "why": "the checkout fails" })).send();
    assert_eq!(off.is(200).json()["off"]["by"], "tests");
    until_shown(&site, ">Hi<");
    let live = get(&site, "/live").send().is(200).json();
    assert_eq!(
        (&live["revision"], &live["off"]["why"]),
        (&json!(1), &json!("the checkout fails"))
    );
    send(&site, "DELETE", "/off", &Value::Null).send().is(204);
    until_shown(&site, ">Start free<");
    assert_eq!(get(&site, "/off").send().json(), json!({ "off": null }));
}

#[test]
fn what_is_not_possible_now_says_what_is() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    let refused = transition(&site, "hero", &json!({ "action": "resume" }), 1);
    assert_eq!(
        problem(refused.is(409)),
        json!({
            "type": "about:blank",
            "title": "Conflict",
            "status": 409,
            "code": "not-allowed",
            "detail": "\"hero\" is running, and \"resume\" is not for that",
            "hint": "Now it takes pause, stop, rollback.",
            "allowed": ["pause", "stop", "rollback"],
        })
    );
    let refused = transition(&site, "hero", &json!({ "action": "publish" }), 1);
    assert_eq!(
        problem(refused.is(409))["detail"],
        "\"hero\" has no working copy that differs from what is live"
    );
    transition(&site, "none", &json!({ "action": "stop" }), 1).is(404);
}

#[test]
fn a_draft_is_published_as_one_and_started_later() {
    let site = site();
    let mut draft = experiment("hero", "Start free");
    draft["status"] = json!("draft");
    send(&site, "POST", "/experiments", &draft).send().is(201);
    transition(&site, "hero", &json!({ "action": "publish" }), 0).is(200);
    site.get("/").visitor("alice").navigating().send().holds(PAGE);
    let link = json!({ "experiment": "hero", "variant": "benefit", "path": "/" });
    send(&site, "POST", "/qa-links", &link).send().is(201);
    transition(&site, "hero", &json!({ "action": "start" }), 1).is(200);
    until_shown(&site, ">Start free<");
}
