//! The page streams: nothing waits for its end, not even the log.

use std::time::Duration;

use edgewise_wasm_tests::{Answer, Gate, Site, datafile, html};

use crate::PAGE;

#[track_caller]
fn streams(page: impl Fn(&Gate) -> Answer) {
    let gate = Gate::new();
    let site =
        Site::serving("/", page(&gate)).with_datafile(datafile::headline("Start free"));
    let mut reply = site.get("/").visitor("alice").navigating().open();
    // The origin sends nothing after this until the gate opens.
    reply.wait_for("Start free</h1>");
    gate.open();
    reply.finish().shows("the end");
}

#[test]
fn the_first_half_arrives_while_the_origin_writes_the_second() {
    streams(|gate| html(PAGE).then_wait(gate).then("the end"));
    streams(|gate| html(PAGE).then_wait(gate).then("the end").chunked());
    streams(|gate| html(PAGE).then_wait(gate).then("the end").until_close());
}

#[test]
fn a_compressed_page_streams_too() {
    streams(|gate| html(PAGE).then_wait(gate).then("the end").gzip().chunked());
}

#[test]
fn a_compressed_page_arrives_unpacked() {
    let site = Site::serving("/", html(PAGE).gzip())
        .with_datafile(datafile::headline("Start free"));
    let reply = site.get("/").visitor("alice").navigating().send();
    reply.lacks(&["content-encoding", "content-length"]);
    reply.is(200).holds(PAGE.replace(">Hi<", ">Start free<"));
}

#[test]
fn a_page_without_an_experiment_streams() {
    let gate = Gate::new();
    let page = html(PAGE).then_wait(&gate).then("the end").chunked();
    let site =
        Site::serving("/about", page).with_datafile(datafile::headline("Start free"));
    let mut reply = site.get("/about").visitor("alice").open();
    reply.wait_for("</h1>");
    gate.open();
    reply.finish().shows("the end");
}

#[test]
fn nobody_is_counted_before_the_last_byte() {
    let gate = Gate::new();
    let page = html(PAGE).then_wait(&gate).then("the end");
    let site = Site::serving("/", page).with_datafile(datafile::headline("Start free"));
    let mut reply = site.get("/").visitor("alice").open();
    reply.wait_for("Start free</h1>");
    assert_eq!(site.log_by_now(), [] as [serde_json::Value; 0]);
    gate.open();
    reply.finish().shows("the end");
    assert_eq!(site.logged("exposure").len(), 1);
}

#[test]
fn a_visitor_who_leaves_early_is_not_counted() {
    let gate = Gate::new();
    // Enough that the runtime cannot swallow the rest for a visitor who is gone.
    let rest = "<p>more of the page</p>".repeat(1_000_000);
    let page = html(PAGE).then_wait(&gate).then(rest);
    let site = Site::serving("/", page).with_datafile(datafile::headline("Start free"));
    let mut reply = site.get("/").visitor("alice").open();
    reply.wait_for("Start free</h1>");
    drop(reply);
    gate.open();
    assert_eq!(site.logged("exposure"), [] as [serde_json::Value; 0]);
}

#[test]
fn a_page_that_drips_in_arrives_whole_whatever_it_is_packed_in() {
    // Longer than nothing, so that each byte comes by itself, also in the middle of a tag and of what is packed.
    let pause = Duration::from_micros(500);
    let page = || html(PAGE).dripping(1, pause);
    let site = Site::serving("/plain", page())
        .and("/chunked", page().chunked())
        .and("/gzip", page().gzip().chunked())
        .and("/brotli", page().brotli())
        .and("/zstd", page().zstd())
        .with_datafile(datafile::below("/"));
    let paths = ["/plain", "/chunked", "/gzip", "/brotli", "/zstd"];
    for path in paths {
        let reply = site.get(path).visitor("alice").navigating().send();
        reply.is(200).holds(PAGE.replace(">Hi<", ">Start free<"));
    }
    assert_eq!(site.logged("exposure").len(), paths.len());
    assert_eq!(site.faults(), [] as [&str; 0]);
}
