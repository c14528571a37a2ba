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
    let draft = json!({ "experiments": experiments(150) });
    let request = send(&site, "PUT", "/live", &json!({ "draft": draft }));
    let refused = problem(request.header("If-None-Match", "*").send().is(413));
    let detail = refused["detail"].as_str().expect("words");
    let told = "a draft of 150 experiments and 52447 bytes takes about 56 ms of CPU time, and here ";
    assert!(detail.starts_with(told) && detail.ends_with(" are left"), "{detail}");
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
    let deep = |depth: usize| {
        let lists = "[".repeat(depth) + &"]".repeat(depth);
        let body = format!("{{\"key\": \"hero\", \"x\": {lists}}}");
        site.post(&api("/experiments"), body).with_token().send()
    };
    assert_eq!(problem(deep(10_000).is(400))["code"], "invalid-json");
    assert_eq!(problem(deep(50_000).is(413))["code"], "too-large");
}

#[test]
fn there_are_only_so_many_values_in_a_body() {
    let site = site();
    let lists = |count: usize| format!("{{\"x\":[{}[]]}}", "[],".repeat(count - 1));
    let validate = |body: String| site.post(&api("/validate"), body).with_token().send();
    let told = validate(lists(11_571)).is(200).json();
    assert_eq!(told["valid"], json!(false));
    let refused = problem(validate(lists(11_572)).is(413));
    assert_eq!(refused["code"], "too-large");
    assert_eq!(
        refused["detail"],
        "there are so many values in it that reading them takes about 26 ms of CPU time, and here 25 are the most"
    );
    assert_eq!(
        refused["hint"],
        "Send less at a time; `edgewise publish --to-fastly` publishes larger drafts."
    );
    // Also where the draft is sent as a text, or grows bit by bit; what stands in a text is none.
    let text = json!({ "draft": lists(11_572) });
    let refused = send(&site, "PUT", "/live", &text).header("If-Match", "*").send();
    assert_eq!(problem(refused.is(413))["code"], "too-large");
    let commas = json!({ "x": "{\"[,:\\".repeat(50_000) });
    validate(commas.to_string()).is(200);
    send(&site, "POST", "/experiments", &experiment("hero", "x")).send().is(201);
    let grow = |name: &str| {
        let change = json!({ name: vec![json!([]); 8_000] });
        let request = send(&site, "PATCH", "/experiments/hero", &change);
        request.header("If-Match", "*").send()
    };
    grow("one").is(200);
    assert_eq!(problem(grow("two").is(413))["code"], "too-large");
}
