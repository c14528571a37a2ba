//! Requests other than a plain GET.

use edgewise_wasm_tests::{Site, datafile, html};

use crate::PAGE;

#[test]
fn head_has_the_headers_of_a_rewritten_page_and_counts_nobody() {
    let page = html(PAGE).header("ETag", "\"v1\"").header("X-Odd", "kept");
    let site = Site::serving("/", page).with_datafile(datafile::headline("Start free"));
    let reply = site.head("/").visitor("alice").send();
    reply.is(200).holds("").has("x-odd", "kept");
    reply.lacks(&["etag", "content-length"]);
    assert_eq!(site.origin().seen()[0].method, "HEAD");
    assert_eq!(site.logged("exposure"), [] as [serde_json::Value; 0]);
}

#[test]
fn head_of_a_page_without_an_experiment_is_the_origins() {
    let page = html(PAGE).header("ETag", "\"v1\"");
    let site = Site::serving("/about", page);
    let reply = site.head("/about").visitor("alice").send();
    reply.is(200).holds("").has("etag", "\"v1\"");
    assert_ne!(reply.headers.get("content-length"), Some("0"), "the page is not empty");
}

#[test]
fn post_passes_with_its_body_and_its_answer() {
    let page = html(PAGE).header("ETag", "\"v1\"");
    let site =
        Site::serving("/", page.clone()).with_datafile(datafile::headline("Start free"));
    let form = "name=Ada&text=%3Ch1%3E".repeat(5_000);
    let request = site.post("/", &form).visitor("alice");
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    request.send().is_untouched(&page);
    let seen = &site.origin().seen()[0];
    assert_eq!(seen.method, "POST");
    assert!(seen.body == form.as_bytes(), "{} bytes arrived", seen.body.len());
    assert_eq!(seen.headers.all("content-type"), ["application/x-www-form-urlencoded"]);
    assert_eq!(site.log(), [] as [serde_json::Value; 0]);
}

#[test]
fn other_methods_pass() {
    let page = html(PAGE);
    let site =
        Site::serving("/", page.clone()).with_datafile(datafile::headline("Start free"));
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        site.request(method, "/").visitor("alice").send().is_untouched(&page);
    }
    let methods: Vec<_> =
        site.origin().seen().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["PUT", "DELETE", "PATCH", "OPTIONS"]);
}

#[test]
fn calls_of_programs_and_service_workers_pass() {
    let site =
        Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Start free"));
    let call = site.post("/", [0, 0, 0, 0, 1, 9]).visitor("alice");
    let call = call.header("Content-Type", "application/grpc").header("TE", "trailers");
    call.send().is(200).holds(PAGE);
    assert_eq!(site.origin().seen()[0].body, [0, 0, 0, 0, 1, 9]);
    let worker = site.get("/").visitor("alice").header("Service-Worker", "script");
    worker.header("Sec-Fetch-Dest", "serviceworker").send().is(200).holds(PAGE);
    assert_eq!(site.logged("exposure").len(), 0);
    // What a worker fetches before it runs is the page that is about to be shown.
    let preload = site.get("/").visitor("alice").navigating();
    preload
        .header("Service-Worker-Navigation-Preload", "true")
        .send()
        .shows("Start free");
}
