//! Answers of origins that do odd things.

use edgewise_wasm_tests::{Answer, End, Headers, Site, asset, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

fn site(page: Answer) -> Site {
    Site::serving("/", page.clone())
        .and("/about", page)
        .with_datafile(datafile::headline("Start free"))
}

#[test]
fn heads_in_front_of_the_answer_do_no_harm() {
    let page =
        html(PAGE).early(100, "X-Odd", "1").early(103, "Link", "</a.css>; rel=preload");
    let site = site(page);
    site.get("/")
        .visitor("alice")
        .navigating()
        .send()
        .shows("Start free")
        .lacks(&["x-odd"]);
    site.get("/about").navigating().send().is(200).holds(PAGE).lacks(&["x-odd"]);
}

#[test]
fn trailers_end_with_a_page_that_is_rewritten() {
    let site = site(html(PAGE).trailer("X-Later", "1").header("Trailer", "X-Later"));
    // Who says so can take them.
    let open =
        |path| site.get(path).visitor("alice").navigating().header("TE", "trailers");
    let reply = open("/").send();
    reply.shows("Start free").lacks(&["trailer", "x-later"]);
    assert_eq!(reply.trailers, Headers::default());
    let reply = open("/about").send();
    reply.is(200).holds(PAGE).has("trailer", "X-Later");
}

#[test]
fn every_cookie_of_the_origin_is_kept_in_its_order() {
    let cookies =
        ["a=1; Path=/", "b=2; Expires=Sat, 21 Nov 2026 12:00:00 GMT", "a=3; Path=/x"];
    let page =
        cookies.iter().fold(html(PAGE), |page, one| page.header("Set-Cookie", one));
    let site = site(page);
    let reply = site.get("/").visitor("alice").send();
    let set = reply.headers.all("set-cookie");
    assert_eq!(set[..3], cookies);
    assert_eq!(set.len(), 4, "{set:?}");
    let reply = site.get("/about").visitor("alice").send();
    assert_eq!(reply.headers.all("set-cookie"), cookies);
}

#[test]
fn answers_without_a_body_have_none() {
    let site = site(html("").status(204).without("content-type"));
    for path in ["/", "/about"] {
        let reply = site.get(path).visitor("alice").navigating().send();
        reply.is(204).holds("").lacks(&["content-length", "transfer-encoding"]);
    }
}

#[test]
fn redirects_of_the_origin_are_passed_on() {
    for status in [301, 302, 303, 307, 308] {
        let answer =
            html("moved").status(status).header("Location", "https://b.example/?a=1#b");
        let site = site(answer.clone());
        for path in ["/", "/about"] {
            site.get(path).visitor("alice").navigating().send().is_untouched(&answer);
        }
    }
}

#[test]
fn a_length_that_is_not_true_is_not_passed_on() {
    // Longer than it says: what is beyond belongs to no answer.
    let site = self::site(html(PAGE).header("Content-Length", "60"));
    let reply = site.get("/").visitor("alice").navigating().send();
    reply.lacks(&["content-length"]);
    assert!(reply.body.len() <= 60 + "Start free".len());
    // Two that contradict each other: no answer at all, or none that seems whole.
    let page = html(PAGE).header("Content-Length", "10").header("Content-Length", "20");
    let site = self::site(page);
    for path in ["/", "/about"] {
        if let Some(reply) = site.get(path).visitor("alice").navigating().try_send() {
            assert!(reply.status == 502 || reply.end == End::Cut, "{}", reply.brief());
        }
    }
}

/// A page whose beginning is enough for every change, so that the rest goes on without being read.
fn long() -> String {
    format!("<h1>Hi</h1>{}", "<p>more of the page</p>".repeat(20_000))
}

#[test]
fn a_body_that_breaks_off_is_seen_to_break_off_on_every_path() {
    let changes = json!([{ "selector": "h1", "expect": "one", "text": "Start free" }]);
    let experiment = datafile::everybody("headline", "/", changes);
    for page in [
        html(long()).chunked().then_cut(),
        html(long()).header("Content-Length", "9999999").then_cut(),
        html(long()).brotli().chunked().then_cut(),
    ] {
        // What is packed ends by itself, so a rewritten page is whole in spite of it.
        let plain = !page.bytes().ends_with(&[0b11]);
        let site = Site::serving("/", page.clone())
            .and("/about", page)
            .with_datafile(datafile::of([experiment.clone()]));
        for path in ["/", "/about"] {
            let reply = site.get(path).visitor("alice").navigating().try_send();
            let Some(reply) = reply else { continue };
            if plain || path == "/about" {
                reply.was_cut();
            }
        }
    }
}

#[test]
fn a_type_that_is_said_twice_is_no_page() {
    let page = html(PAGE).header("Content-Type", "text/plain");
    let site = site(page.clone());
    let reply = site.get("/").visitor("alice").navigating().send();
    reply.is(200).holds(PAGE);
    assert_eq!(reply.headers.all("content-type").len(), 2);
    assert_eq!(site.logged("passed")[0]["reason"], "not-html");
}

#[test]
fn very_long_headers_of_the_origin_arrive() {
    let long = "x".repeat(30_000);
    let site = site(html(PAGE).header("X-Long", &long).header("Link", &long));
    for path in ["/", "/about"] {
        site.get(path).visitor("alice").navigating().send().has("x-long", &long);
    }
}

#[test]
fn integrity_is_never_left_for_what_a_change_loads_instead() {
    let page = "<h1>Hi</h1><link rel=stylesheet href=/a.css integrity=\"sha256-abc\"><script src=/a.js integrity=\"sha256-abc\"></script>";
    let changes = json!([
        { "selector": "h1", "text": "Start free" },
        { "selector": "link", "attribute": { "href": "/b.css" } },
    ]);
    let everybody = datafile::everybody("headline", "/", changes);
    let site = Site::serving("/", html(page)).with_datafile(datafile::of([everybody]));
    let reply = site.get("/").visitor("alice").send();
    reply.shows("/b.css").hides("/a.css");
    // What no change touches is checked as before.
    reply.shows("<script src=/a.js integrity=\"sha256-abc\"></script>");
    assert_eq!(reply.text().matches("integrity").count(), 1, "{}", reply.brief());
}

#[test]
fn files_pass_whatever_they_are() {
    let file = asset("application/wasm", [0, 1, 2, 255].repeat(50_000))
        .header("Cache-Control", "public, immutable")
        .header("ETag", "\"f\"")
        .header("Digest", "sha-256=abc")
        .header("Content-Encoding", "br");
    let site = site(file.clone());
    let request = site.get("/about").header("Sec-Fetch-Dest", "empty");
    request.header("Accept", "*/*").send().is_untouched(&file);
    assert_eq!(site.log(), [] as [Value; 0]);
}
