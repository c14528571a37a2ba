//! Which answers may be edited, and that all others pass as they came.

use std::collections::BTreeMap;

use edgewise_wasm_tests::{Answer, Site, asset, datafile, html};

use crate::PAGE;

#[track_caller]
fn passes(reason: &str, answers: impl IntoIterator<Item = Answer>) {
    let answers: BTreeMap<_, _> = answers
        .into_iter()
        .enumerate()
        .map(|(number, answer)| (format!("/{number}"), answer.header("ETag", "\"v1\"")))
        .collect();
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::below("/"));
    let site =
        answers.iter().fold(site, |site, (path, answer)| site.and(path, answer.clone()));
    for (path, answer) in &answers {
        let reply = site.get(path).visitor("alice").navigating().send();
        // A page is for the visitor who got it; what is none is for everybody.
        let is_page = match reason {
            "status" => matches!(reply.status, 206 | 304),
            reason => reason != "not-html",
        };
        if is_page {
            reply.is_untouched_but_private(answer);
        } else {
            reply.is_untouched(answer);
        }
    }
    assert_eq!(site.logged("exposure"), [] as [serde_json::Value; 0]);
    // One line each says why.
    let lines = site.logged("passed");
    let mut said: Vec<_> =
        lines.iter().map(|line| (&line["page"], &line["reason"])).collect();
    // A line is written behind its answer, when the next request may be there already.
    said.sort_by_key(|(page, _)| page.to_string());
    let paths: Vec<_> = answers.keys().map(|path| serde_json::json!(path)).collect();
    let reason = serde_json::json!(reason);
    assert_eq!(said, paths.iter().map(|path| (path, &reason)).collect::<Vec<_>>());
    site.get("/").visitor("alice").navigating().send().shows("Start free");
}

#[test]
fn statuses_other_than_200_pass() {
    passes(
        "status",
        [
            html(PAGE).status(404),
            html(PAGE).status(500),
            html(PAGE).status(302).header("Location", "/elsewhere?a=1"),
            html("").status(304).without("content-type"),
            html(&PAGE[..9]).status(206).header("Content-Range", "bytes 0-8/100"),
        ],
    );
}

#[test]
fn what_is_not_html_passes() {
    passes(
        "not-html",
        [
            asset("application/json", "{\"h1\":\"<h1>Hi</h1>\"}"),
            asset("application/xhtml+xml", PAGE),
            asset("text/plain", PAGE),
            html(PAGE).without("content-type"),
        ],
    );
}

#[test]
fn what_must_not_be_transformed_passes() {
    passes("no-transform", [html(PAGE).header("Cache-Control", "public, no-transform")]);
}

#[test]
fn encodings_we_cannot_read_pass() {
    let junk: Vec<u8> = (0..=255).collect();
    passes(
        "packed",
        [
            html(&junk).header("Content-Encoding", "deflate"),
            html(&junk).header("Content-Encoding", "martian"),
            html(&junk).header("Content-Encoding", "gzip, br"),
        ],
    );
}

#[test]
fn charsets_we_cannot_write_pass() {
    let wide: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe], wide.as_slice()].concat();
    passes(
        "charset",
        [
            html(&wide).content_type("text/html; charset=utf-16le"),
            html(PAGE).content_type("text/html; charset=iso-2022-jp"),
            html(PAGE).content_type("text/html; charset=martian"),
            html(&marked).content_type("text/html"),
        ],
    );
}

#[test]
fn an_answer_that_passes_can_be_read_by_whoever_asked() {
    let missing = html(PAGE).status(404).gzip_if_accepted();
    let site = Site::serving("/", missing.clone())
        .with_datafile(datafile::headline("Start free"));
    // Asked without saying what it can unpack, so it can unpack nothing.
    site.get("/").visitor("alice").send().is(404).holds(PAGE);
    let packed = site.get("/").visitor("alice").navigating().send();
    match packed.headers.get("content-encoding") {
        Some(encoding) => {
            assert_eq!(encoding, "gzip");
            packed.is(404).holds(missing.gzip().bytes());
        }
        None => drop(packed.is(404).holds(PAGE)),
    }
}
