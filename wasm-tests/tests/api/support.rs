//! A site with an API, and a client of it.

use std::time::{Duration, Instant};

use edgewise_wasm_tests::{Reply, Request, Site, datafile, html};
use serde_json::{Value, json};

pub(crate) const PAGE: &str = "<!doctype html>\n<title>Site</title>\n<body>\n<h1 class=big>Hi</h1>\n\
    <p class=\"lead\">We sell\tthings</p>\n<a class='cta' href=/buy>Buy</a>\n</body>\n";

pub(crate) fn api(path: &str) -> String {
    format!("/_edgewise/api/v1{path}")
}

/// A site where nothing has been published yet.
pub(crate) fn site() -> Site {
    Site::serving("/", html(PAGE)).without_datafile()
}

/// A request with a body, by an admin.
pub(crate) fn send<'s>(
    site: &'s Site,
    method: &str,
    path: &str,
    body: &Value,
) -> Request<'s> {
    let request = site.request(method, &api(path)).with_token();
    let request = request.header("Content-Type", "application/json");
    if body.is_null() { request } else { request.body(body.to_string()) }
}

/// A request without a body, by an admin.
pub(crate) fn get<'s>(site: &'s Site, path: &str) -> Request<'s> {
    site.get(&api(path)).with_token()
}

/// An experiment that shows everybody other words.
pub(crate) fn experiment(key: &str, words: &str) -> Value {
    let mut experiment =
        datafile::draft_for_everybody(key, json!([datafile::text("h1", words)]));
    // Where it is in its life is for the API to say.
    experiment.as_object_mut().expect("an object").remove("status");
    experiment
}

/// Makes an experiment and publishes it.
#[track_caller]
pub(crate) fn publish(site: &Site, key: &str, words: &str, revision: u64) -> Reply {
    let made = send(site, "POST", "/experiments", &experiment(key, words)).send();
    made.is(201);
    transition(site, key, &json!({ "action": "publish" }), revision)
}

/// Does something with an experiment while a revision is live.
#[track_caller]
pub(crate) fn transition(site: &Site, key: &str, body: &Value, revision: u64) -> Reply {
    let path = format!("/experiments/{key}/transitions");
    let request = send(site, "POST", &path, body);
    request.header("If-Match", &format!("\"{revision}\"")).send()
}

/// From a publish until it is served, where the store is near: what is promised (`src/edge/PUBLISHING.md`).
pub(crate) const PROMISED: Duration = Duration::from_secs(10);

/// The page, as somebody is shown it.
#[track_caller]
pub(crate) fn page(site: &Site) -> String {
    let request = site.get("/").visitor("alice").navigating();
    request.header("Accept-Encoding", "identity").send().text()
}

/// Opens the page again and again until it shows some words, for as long as is promised.
#[track_caller]
pub(crate) fn until_shown(site: &Site, words: &str) {
    let began = Instant::now();
    let mut last = String::new();
    while began.elapsed() < PROMISED {
        last = page(site);
        if last.contains(words) {
            return;
        }
    }
    panic!("the page did not show {words:?} within {PROMISED:?}:\n{last}");
}

/// A problem in full, but for the request's number.
#[track_caller]
pub(crate) fn problem(reply: &Reply) -> Value {
    reply.has("content-type", "application/problem+json");
    let mut problem = reply.json();
    let id = problem.as_object_mut().and_then(|fields| fields.remove("request_id"));
    assert_eq!(id.as_ref().and_then(Value::as_str), reply.headers.get("x-request-id"));
    assert_eq!(problem["status"], json!(reply.status));
    problem
}
