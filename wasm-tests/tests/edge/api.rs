//! The API of the web app.

use edgewise_wasm_tests::{Reply, Site, datafile, html};
use serde_json::json;

use crate::PAGE;

const DATAFILE: &str = "/_edgewise/api/v1/datafile";

fn site() -> Site {
    Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Start free"))
}

#[track_caller]
fn is_problem(reply: &Reply, status: u16) {
    reply.is(status).has("content-type", "application/problem+json");
    let problem = reply.json();
    assert_eq!(problem["status"], json!(status));
    for member in ["type", "title", "detail"] {
        let text = problem[member].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{member} in {problem}");
    }
}

#[test]
fn nobody_without_the_token_gets_anything() {
    let site = site();
    for (method, path) in [
        ("GET", DATAFILE),
        ("GET", "/_edgewise/api/v1/page?path=/"),
        ("POST", "/_edgewise/api/v1/qa-links"),
    ] {
        let request = || site.request(method, path);
        is_problem(&request().send(), 401);
        is_problem(&request().header("Authorization", "Bearer wrong").send(), 401);
        is_problem(&request().header("Authorization", "Bearer ").send(), 401);
        is_problem(&request().header("Authorization", "Basic abc").send(), 401);
    }
    assert!(site.origin().seen().is_empty(), "the origin has nothing to do with it");
}

#[test]
fn the_datafile_is_what_was_published_and_has_a_tag() {
    let site = site();
    let reply = site.get(DATAFILE).with_token().send();
    reply.is(200).has("content-type", "application/json");
    assert_eq!(reply.json(), datafile::headline("Start free"));
    assert!(
        reply.headers.all("cache-control").join(",").contains("no-store")
            || reply.headers.all("cache-control").join(",").contains("private")
    );
    let tag = reply.headers.get("etag").expect("an ETag").to_owned();
    let again = site.get(DATAFILE).with_token().header("If-None-Match", &tag).send();
    again.is(304).holds("").has("etag", &tag);
    let other = site.get(DATAFILE).with_token().header("If-None-Match", "\"x\"").send();
    other.is(200);
}

#[test]
fn without_a_datafile_the_api_says_so() {
    let site = Site::serving("/", html(PAGE)).without_datafile();
    is_problem(&site.get(DATAFILE).with_token().send(), 404);
}

#[test]
fn without_secrets_nobody_gets_in() {
    let site = Site::serving("/", html(PAGE)).without_secrets();
    let reply = site.get(DATAFILE).with_token().send();
    assert!(matches!(reply.status, 401 | 403 | 500 | 503), "{}", reply.brief());
    is_problem(&reply, reply.status);
}

#[test]
fn what_the_api_does_not_know_is_a_problem() {
    let site = site();
    is_problem(&site.get("/_edgewise/api/v1/nothing").with_token().send(), 404);
    is_problem(&site.post(DATAFILE, "{}").with_token().send(), 405);
}

#[test]
fn a_page_comes_as_the_origin_sent_it() {
    // Bytes that are no UTF-8, so that any decoding on the way would show.
    let bytes = b"<!doctype html>\r\n<h1>Hi</h1>\xff\xfe\x00 caf\xe9";
    let pricing = html(bytes)
        .content_type("text/html; charset=windows-1252")
        .header("Content-Security-Policy", "default-src 'self'")
        .header("Set-Cookie", "session=1");
    let site = Site::serving("/pricing", pricing.clone())
        .and("/packed", pricing.gzip())
        .with_datafile(datafile::of([datafile::everybody(
            "headline",
            "/pricing",
            json!([datafile::text("h1", "Start free")]),
        )]));
    for path in ["/pricing", "/packed"] {
        let url = format!("/_edgewise/api/v1/page?path={path}");
        let reply = site.get(&url).with_token().send();
        reply.is(200).holds(bytes);
        reply.has("content-type", "application/octet-stream");
        reply.has("x-edgewise-status", "200");
        reply.has("x-edgewise-content-type", "text/html; charset=windows-1252");
        reply.has("x-edgewise-csp", "default-src 'self'");
        reply.lacks(&["set-cookie", "content-encoding"]);
    }
    assert_eq!(site.log(), [] as [serde_json::Value; 0]);
}

#[test]
fn the_page_of_an_answer_that_is_not_a_page_says_its_status() {
    let site = site();
    let reply = site.get("/_edgewise/api/v1/page?path=/none").with_token().send();
    reply.is(200).has("x-edgewise-status", "404").lacks(&["x-edgewise-csp"]);
}

#[test]
fn the_query_of_a_page_reaches_the_origin_and_nothing_secret_does() {
    let site = site();
    let request = site.get("/_edgewise/api/v1/page?path=%2F%3Fa%3D1%26b%3D%2520");
    request.with_token().cookie("edgewise=1.alice; a=1").send().is(200);
    let seen = &site.origin().seen()[0];
    assert_eq!(seen.target, "/?a=1&b=%20");
    assert!(!seen.headers.has("authorization"), "{:?}", seen.headers);
}

#[test]
fn a_page_elsewhere_cannot_be_fetched() {
    let site = site();
    for path in ["//evil.example/", "https://evil.example/", "none", ""] {
        let url = format!("/_edgewise/api/v1/page?path={path}");
        let reply = site.get(&url).with_token().send();
        assert!((400..500).contains(&reply.status), "{path}: {}", reply.brief());
        is_problem(&reply, reply.status);
    }
    is_problem(&site.get("/_edgewise/api/v1/page").with_token().send(), 400);
    assert!(site.origin().seen().is_empty());
}
