//! How much is too much, and what happens then.

use serde_json::{Value, json};

use crate::support::{api, experiment, get, problem, send, site};

#[test]
fn bodies_end_where_their_limit_is() {
    let site = site();
    for (method, path, limit) in [
        ("POST", "/experiments", 256 * 1024),
        ("PUT", "/live", 1024 * 1024),
        ("POST", "/decisions", 64 * 1024),
        ("POST", "/qa-links", 4 * 1024),
        ("POST", "/session", 4 * 1024),
    ] {
        let request = |length: usize| {
            site.request(method, &api(path)).with_token().body(" ".repeat(length)).send()
        };
        let over = request(limit + 1);
        assert_eq!(problem(over.is(413))["code"], "too-large", "{method} {path}");
        let within = request(limit);
        assert_ne!(within.status, 413, "{method} {path}: {}", within.brief());
    }
    // Without a length it is read no further either.
    let endless = site.request("POST", &api("/qa-links")).with_token();
    let endless = endless.header("Transfer-Encoding", "chunked");
    let body = format!("2000\r\n{}\r\n0\r\n\r\n", "x".repeat(0x2000));
    let reply = endless.chunked(&body).send();
    reply.is(413);
}

#[test]
fn a_body_where_none_belongs_is_not_read() {
    let site = site();
    let reply = site.request("DELETE", &api("/off")).with_token().body("x").send();
    reply.is(413);
}

#[test]
fn a_draft_that_takes_too_long_here_is_for_the_command_line() {
    let site = site();
    let experiments = |count: usize| -> Vec<Value> {
        (0..count).map(|index| experiment(&format!("e{index}"), "x")).collect()
    };
    let draft = json!({ "experiments": experiments(101) });
    let request = send(&site, "PUT", "/live", &json!({ "draft": draft }));
    let refused = problem(request.header("If-None-Match", "*").send().is(413));
    let detail = refused["detail"].as_str().expect("words");
    let told = "takes about 53 ms of CPU time, and here 40 are the most";
    assert!(detail.ends_with(told), "{detail}");
    assert_eq!(
        refused["hint"],
        "Publish a draft as large as this with `edgewise publish --to-fastly`, which checks it on your machine."
    );
    let checked = send(&site, "POST", "/validate", &draft).send();
    assert_eq!(problem(checked.is(413))["code"], "too-large");
    get(&site, "/draft").send().is(404);
}

#[test]
fn json_nests_only_so_deep() {
    let site = site();
    let deep = format!(
        "{{\"key\": \"hero\", \"x\": {}{}}}",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let request = site.post(&api("/experiments"), deep).with_token();
    assert_eq!(problem(request.send().is(400))["code"], "invalid-json");
}
