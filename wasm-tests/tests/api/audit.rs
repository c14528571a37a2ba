//! Every write is a line of the log, also one that was refused; and nothing secret is in it.

use edgewise_wasm_tests::{EDITOR, TOKEN, VIEWER};
use serde_json::{Value, json};

use crate::support::{api, experiment, publish, send, site, transition};

#[test]
fn writes_and_refused_writes_are_logged() {
    let site = site();
    site.post(&api("/session"), "").bearer(EDITOR).send().is(201);
    publish(&site, "hero", "Start free", 0).is(200);
    let stop = |token: &str, revision: &str| {
        let body = json!({ "action": "stop", "why": "a\nline \"of\" its own" });
        let request = site.post(&api("/experiments/hero/transitions"), body.to_string());
        request
            .bearer(token)
            .header("If-Match", revision)
            .header("Content-Type", "application/json")
            .send()
    };
    stop(VIEWER, "\"1\"").is(403);
    stop("a wrong token", "\"1\"").is(401);
    stop(TOKEN, "\"7\"").is(412);
    stop(TOKEN, "\"1\"").is(200);
    send(&site, "POST", "/experiments", &experiment("hero", "x")).send().is(409);
    send(&site, "PUT", "/off", &json!([])).send().is(422);
    // Reading is none of these.
    site.get(&api("/live")).bearer(VIEWER).send().is(200);
    let lines = site.logged("audit");
    let told = |line: &Value| {
        json!([
            line["by"],
            line["role"],
            line["action"],
            line["target"],
            line["revision"],
            line["outcome"],
            line["status"]
        ])
    };
    assert_eq!(
        lines.iter().map(told).collect::<Vec<_>>(),
        [
            json!(["edgar", "editor", "sign-in", null, null, "done", 201]),
            json!(["tests", "admin", "create", "hero", null, "done", 201]),
            json!(["tests", "admin", "publish", "hero", 1, "done", 200]),
            json!(["vera", "viewer", "transition", "hero", null, "denied", 403]),
            json!([null, null, "transition", "hero", null, "denied", 401]),
            json!(["tests", "admin", "stop", "hero", null, "conflict", 412]),
            json!(["tests", "admin", "stop", "hero", 2, "done", 200]),
            json!(["tests", "admin", "create", "hero", null, "conflict", 409]),
            json!(["tests", "admin", "off", null, null, "invalid", 422]),
        ]
    );
    assert_eq!(lines[6]["why"], "a\nline \"of\" its own");
    assert_eq!(lines[6]["ip"], "127.0.0.1");
    let log = format!("{:?}", site.log());
    for secret in [TOKEN, EDITOR, "a wrong token", "ews."] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn what_an_attacker_sends_makes_no_line_of_its_own() {
    let site = site();
    let key = "x%0a%7B%22type%22:%22audit%22%7D";
    let path = format!("/experiments/{key}/transitions");
    site.post(&api(&path), "").send().is(401);
    transition(&site, key, &json!({ "action": "stop" }), 0).is(404);
    // Each line of the log is parsed; a broken one would end this test.
    assert_eq!(site.logged("audit").len(), 2);
}
