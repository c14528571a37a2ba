//! Tokens, sessions, and what becomes of wrong ones.

use edgewise_wasm_tests::{EXPIRED, PUBLISHER, TOKEN, VIEWER};
use serde_json::json;

use crate::support::{api, get, problem, send, site};

#[test]
fn an_access_token_is_exchanged_for_a_session() {
    let site = site();
    let opened = site.post(&api("/session"), "").bearer(PUBLISHER).send();
    opened.is(201).has("cache-control", "no-store").lacks(&["set-cookie"]);
    let session = opened.json();
    assert_eq!(
        (&session["name"], &session["role"]),
        (&json!("pia"), &json!("publisher"))
    );
    let token = session["token"].as_str().expect("a token");
    let me = site.get(&api("/me")).bearer(token).send();
    let expected = json!({ "name": "pia", "role": "publisher", "fresh": true,
        "expires_at": session["expires_at"] });
    assert_eq!(me.is(200).json(), expected);
    // A session does not prolong itself.
    let again = site.post(&api("/session"), "").bearer(token).send();
    assert_eq!(problem(again.is(403))["code"], "access-token-needed");
    let mut altered = token.to_owned();
    altered.replace_range(4..5, "2");
    site.get(&api("/me")).bearer(&altered).send().is(401);
    site.request("DELETE", &api("/session")).bearer(token).send().is(204);
}

#[test]
fn unknown_and_expired_tokens_are_answered_alike() {
    let site = site();
    let answer =
        |token: &str| problem(site.get(&api("/me")).bearer(token).send().is(401));
    assert_eq!(answer(EXPIRED), answer("never heard of"));
    assert_eq!(
        answer(EXPIRED),
        json!({
            "type": "about:blank",
            "title": "Unauthorized",
            "status": 401,
            "code": "unauthorized",
            "detail": "the access token is missing or not accepted",
            "hint": "Send \"Authorization: Bearer\" and a token; `edgewise token new` makes one.",
        })
    );
}

#[test]
fn a_token_counts_in_its_header_only() {
    let site = site();
    site.get(&api("/me")).cookie(&format!("token={TOKEN}")).send().is(401);
    site.get(&api("/me?access_token=t")).send().is(401);
    site.get(&api("/me"))
        .header("Authorization", &format!("Basic {TOKEN}"))
        .send()
        .is(401);
    site.get(&api("/me"))
        .header("Authorization", &format!("bEARER {TOKEN}"))
        .send()
        .is(200);
}

#[test]
fn who_guesses_is_not_listened_to_for_a_while() {
    let site = site();
    for guess in 0..10 {
        site.get(&api("/me")).bearer(&format!("guess {guess}")).send().is(401);
    }
    let refused = site.get(&api("/me")).bearer("guess").send();
    assert_eq!(problem(refused.is(429))["code"], "too-many-failures");
    let wait: u64 =
        refused.headers.get("retry-after").expect("a pause").parse().expect("digits");
    assert!((1..=60).contains(&wait), "{wait}");
    // The right token is not looked at either, or guessing would go on.
    get(&site, "/me").send().is(429);
    // Who brings no token guesses nothing.
    site.get(&api("/me")).send().is(401);
    site.get("/").send().is(200);
}

#[test]
fn an_old_session_may_look_and_not_publish() {
    // 400 seconds old when it is used: no sleeping, the token says when it was made.
    let site = site();
    let opened = site.post(&api("/session"), "").bearer(VIEWER).send().is(201).json();
    assert!(opened["token"].as_str().expect("a token").starts_with("ews."));
    let old = edgewise_wasm_tests::session("publisher", "pia", PUBLISHER, 400);
    site.get(&api("/me")).bearer(&old).send().is(200);
    let me = site.get(&api("/me")).bearer(&old).send().json();
    assert_eq!(me["fresh"], json!(false));
    for (method, path) in [
        ("PUT", "/live"),
        ("POST", "/live/rollback"),
        ("PUT", "/off"),
        ("DELETE", "/off"),
    ] {
        let refused = site.request(method, &api(path)).bearer(&old).send();
        assert_eq!(problem(refused.is(403))["code"], "sign-in-again", "{method} {path}");
    }
    let gone = edgewise_wasm_tests::session("publisher", "pia", PUBLISHER, 901);
    site.get(&api("/me")).bearer(&gone).send().is(401);
    let promoted = edgewise_wasm_tests::session("admin", "pia", PUBLISHER, 1);
    site.get(&api("/me")).bearer(&promoted).send().is(401);
}

#[test]
fn without_secrets_the_api_says_what_to_do() {
    let site = site().without_secrets();
    let refused = problem(get(&site, "/me").send().is(503));
    assert_eq!(refused["code"], "not-set-up");
    assert_eq!(
        refused["detail"],
        "the secret \"access-tokens\" is missing or cannot be read"
    );
    assert_eq!(
        refused["hint"],
        "Put the line that `edgewise token new` prints into the secret store \"edgewise\" as \"access-tokens\"."
    );
}

#[test]
fn without_a_store_the_api_says_what_to_do() {
    let site = site().without_kv_store();
    for path in ["/live", "/draft", "/history", "/experiments", "/off"] {
        let refused = problem(get(&site, path).send().is(503));
        assert_eq!(
            refused["hint"], "Make it, link it to the service, and publish.",
            "{path}"
        );
    }
    let refused = send(&site, "PUT", "/off", &json!({})).send();
    assert_eq!(problem(refused.is(503))["code"], "not-set-up");
    let health = get(&site, "/health").send();
    health.is(503).has("content-type", "application/json");
    assert_eq!(health.json()["kv_store"], "missing");
}
