//! What people read when something is wrong, word for word.

use serde_json::{Value, json};

use crate::support::{api, experiment, get, problem, send, site};

#[track_caller]
fn says(problem: &Value, status: u16, code: &str, detail: &str, hint: &str) {
    let told =
        json!([problem["status"], problem["code"], problem["detail"], problem["hint"]]);
    assert_eq!(told, json!([status, code, detail, hint]));
    assert_eq!(problem["type"], "about:blank");
}

#[test]
fn what_cannot_be_read_is_told() {
    let site = site();
    let post = |path: &str, kind: &str, body: &str| {
        let request =
            site.post(&api(path), body).with_token().header("Content-Type", kind);
        problem(&request.send())
    };
    says(
        &post("/experiments", "application/json", "{\"key\": }"),
        400,
        "invalid-json",
        "the body is not JSON: expected value at line 1 column 9",
        "Send one JSON value, in UTF-8.",
    );
    says(
        &post("/experiments", "text/plain; charset=utf-8", "{}"),
        415,
        "unsupported-media-type",
        "the body is labelled \"text/plain\"",
        "Send application/json.",
    );
    says(
        &post("/experiments", "application/json", "{\"key\": \"No Key\"}"),
        422,
        "invalid-body",
        "\"No Key\" is not a key: 1 to 64 of a-z, 0-9 and \"-\", first a letter or digit",
        "Give it a key: lower-case letters, digits and \"-\".",
    );
    let unknown = post(
        "/experiments/hero/transitions",
        "application/json",
        "{\"action\": \"stop\", \"reason\": 1}",
    );
    says(
        &unknown,
        422,
        "invalid-body",
        "\"reason\" is not a field here",
        "Fields here are action, revision, why.",
    );
    assert_eq!(unknown["errors"][0]["pointer"], "/reason");
    says(
        &post(
            "/experiments/hero/transitions",
            "application/json",
            "{\"action\": \"delete\"}",
        ),
        422,
        "invalid-body",
        "there is no action \"delete\"",
        "Write publish, start, pause, resume, stop, archive or rollback.",
    );
}

#[test]
fn what_is_not_there_is_told() {
    let site = site();
    says(
        &problem(get(&site, "/experiments/none").send().is(404)),
        404,
        "not-found",
        "there is no experiment \"none\"",
        "GET /experiments lists those there are.",
    );
    says(
        &problem(get(&site, "/nothing").send().is(404)),
        404,
        "not-found",
        "the API has nothing of that name",
        "GET /_edgewise/api/v1/openapi.json lists what there is.",
    );
    let other = send(&site, "DELETE", "/experiments", &Value::Null).send();
    other.is(405).has("allow", "GET, POST");
    says(
        &problem(get(&site, "/draft").send().is(404)),
        404,
        "not-found",
        "nothing has been published here, or it was put there by hand",
        "Publish a draft.",
    );
}

#[test]
fn the_roles_are_named() {
    let site = site();
    let body = experiment("hero", "x").to_string();
    let request =
        site.post(&api("/experiments"), body).bearer(edgewise_wasm_tests::VIEWER);
    let refused = problem(request.send().is(403));
    says(
        &refused,
        403,
        "role",
        "this needs the role \"editor\", and yours is \"viewer\"",
        "Ask whoever set up Edgewise for an access token with that role.",
    );
    assert_eq!(refused["role"], "editor");
}

#[test]
fn a_qa_link_may_carry_a_debug_token() {
    let site = site();
    crate::support::publish(&site, "hero", "x", 0).is(200);
    let link = |body: Value| send(&site, "POST", "/qa-links", &body).send();
    let body = json!({ "experiment": "hero", "variant": "benefit", "path": "/?a=1", "debug": true });
    let url = link(body).is(201).json()["url"].as_str().expect("a URL").to_owned();
    assert!(url.starts_with("/?a=1&_edgewise=hero.benefit."), "{url}");
    let (_, token) = url.split_once("&_edgewise_debug=").expect("a debug token");
    assert_eq!(token.split('.').next_back().map(str::len), Some(32), "{token}");
    let body = json!({ "experiment": "hero", "variant": "benefit", "path": "/", "debug": "yes" });
    assert_eq!(problem(link(body).is(422))["errors"][0]["pointer"], "/debug");
}
