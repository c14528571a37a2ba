//! Pages that arrive packed though only gzip was asked for.

use std::fmt::Write as _;

use edgewise_wasm_tests::{Answer, End, Gate, Reply, Site, datafile, html};

use crate::PAGE;

const BROTLI: &[u8] = include_bytes!("../../fixtures/rows.br");
const BROTLI_WIDE: &[u8] = include_bytes!("../../fixtures/rows-wide.br");
const BROTLI_BURST: &[u8] = include_bytes!("../../fixtures/burst.br");
const ZSTD: &[u8] = include_bytes!("../../fixtures/rows.zst");
const ZSTD_FAST: &[u8] = include_bytes!("../../fixtures/rows-fast.zst");

/// What is in the fixtures.
fn rows(headline: &str) -> String {
    let mut page = format!(
        "<!doctype html>\n<title>Site</title>\n<body>\n<h1 class=big>{headline}</h1>\n"
    );
    for n in 0..200 {
        let row = n * 7_919 % 1_000;
        let _ = writeln!(page, "<p class=\"row-{}\">Row {row} of a long page</p>", n % 7);
    }
    page + "</body>\n"
}

fn packed(bytes: &[u8], how: &str) -> Answer {
    html(bytes).header("Content-Encoding", how).header("ETag", "\"v1\"")
}

fn site(pages: Vec<Answer>) -> Site {
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::below("/"));
    pages
        .into_iter()
        .enumerate()
        .fold(site, |site, (n, page)| site.and(&format!("/{n}"), page))
}

fn ask(site: &Site, n: usize) -> Reply {
    site.get(&format!("/{n}")).visitor("alice").navigating().send()
}

#[test]
fn brotli_and_zstd_are_unpacked_and_rewritten() {
    let site = site(vec![
        packed(BROTLI, "br"),
        packed(BROTLI, "BR").chunked(),
        packed(ZSTD, "zstd"),
        packed(ZSTD_FAST, "zstd").until_close(),
        packed(rows("Hi").as_bytes(), "identity"),
    ]);
    for n in 0..5 {
        let reply = ask(&site, n);
        reply.is(200).holds(rows("Start free"));
        reply.lacks(&["content-encoding", "content-length"]);
    }
    let asked = site.origin().seen();
    assert!(asked.iter().all(|one| one.headers.get("accept-encoding") == Some("gzip")));
    assert_eq!(asked.len(), 5, "nothing was asked for twice");
    assert_eq!(site.logged("exposure").len(), 5);
}

#[test]
fn what_is_unpacked_does_not_wait_for_the_rest() {
    for pack in [Answer::brotli, Answer::zstd] {
        let gate = Gate::new();
        let page = pack(html(PAGE).then_wait(&gate).then("the end")).chunked();
        let site = site(vec![page]);
        let mut reply = site.get("/0").visitor("alice").navigating().open();
        reply.wait_for("Start free</h1>");
        gate.open();
        reply.finish().is(200).holds(PAGE.replace(">Hi<", ">Start free<") + "the end");
    }
}

#[test]
fn several_frames_and_frames_to_be_skipped_are_one_page() {
    let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let bytes = [&skipped, ZSTD, &skipped, ZSTD_FAST].concat();
    let site = site(vec![packed(&bytes, "zstd")]);
    let both = rows("Start free") + &rows("Hi").replace(">Hi<", ">Start free<");
    ask(&site, 0).is(200).holds(both);
}

#[test]
fn other_ways_and_several_one_after_the_other_pass() {
    let ways = ["gzip, br", "br, zstd", "deflate", "compress", "br;q=1", "x-martian"];
    let pages = ways.map(|how| packed(BROTLI, how));
    let site = site(pages.to_vec());
    for (n, page) in pages.iter().enumerate() {
        ask(&site, n).is_untouched_but_private(page);
    }
    let twice =
        html(BROTLI).header("Content-Encoding", "br").header("Content-Encoding", "gzip");
    let site = self::site(vec![twice.clone()]);
    ask(&site, 0).is(200).holds(twice.bytes());
    assert_eq!(site.logged("passed")[0]["reason"], "packed");
}

#[test]
fn what_cannot_be_unpacked_from_its_start_arrives_as_it_is() {
    let pages = [
        packed(PAGE.as_bytes(), "br"),
        packed(PAGE.as_bytes(), "zstd"),
        packed(ZSTD, "br"),
        packed(BROTLI, "zstd"),
        // Windows of 16 MiB, and one of 1 GiB that is not of the standard.
        packed(BROTLI_WIDE, "br"),
        packed(b"\x11\x1e\x0b\x02\x80page\x03", "br"),
        html(PAGE).zstd_with_wide_window(),
    ];
    let site = site(pages.to_vec());
    for (n, page) in pages.iter().enumerate() {
        ask(&site, n).is_untouched_but_private(page);
    }
    assert_eq!(site.faults(), ["body-unreadable"; 7]);
    assert_eq!(site.logged("exposure"), [] as [serde_json::Value; 0]);
}

#[test]
fn what_breaks_off_in_the_middle_is_never_a_clean_page() {
    let mut altered = ZSTD.to_vec();
    let last = altered.len() - 1;
    // The checksum.
    altered[last] ^= 1;
    let long = html(PAGE.repeat(20_000)).brotli().bytes();
    let site = site(vec![
        packed(&BROTLI[..BROTLI.len() - 20], "br"),
        packed(&ZSTD[..ZSTD.len() - 20], "zstd"),
        packed(&altered, "zstd"),
        packed(&long[..long.len() - 3_000], "br"),
    ]);
    for n in 0..4 {
        let request = site.get(&format!("/{n}")).visitor("alice").navigating();
        // The runtime may notice before it has sent the head.
        let Some(reply) = request.try_send() else { continue };
        // Where nothing had gone out yet, it goes out packed, and the browser finds out.
        if reply.end == End::Clean {
            assert!(reply.headers.has("content-encoding"), "{}", reply.brief());
        }
    }
    assert_eq!(site.faults(), ["body-unreadable"; 4]);
    assert_eq!(site.logged("exposure"), [] as [serde_json::Value; 0]);
}

#[test]
fn a_page_that_was_packed_to_burst_is_broken_off() {
    let site = site(vec![packed(BROTLI_BURST, "br")]);
    let reply = ask(&site, 0);
    reply.was_cut();
    // What was unpacked, and the longer words of one change.
    assert!(reply.body.len() < (64 << 20) + 100, "{} bytes", reply.body.len());
    assert_eq!(site.faults(), ["body-unreadable"]);
    // The sandbox lives on.
    site.get("/").visitor("alice").send().shows("Start free");
}

#[test]
fn an_empty_page_is_empty_however_it_is_packed() {
    let site = site(vec![packed(b"", "br"), packed(b"", "zstd"), html("").brotli()]);
    for n in 0..3 {
        ask(&site, n).is(200).holds("");
    }
    assert_eq!(site.log(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_charset_that_only_a_mark_tells_arrives_packed() {
    let wide: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe], wide.as_slice()].concat();
    let page = html(&marked).content_type("text/html").brotli();
    let site = site(vec![page.clone()]);
    ask(&site, 0).is_untouched_but_private(&page);
    assert_eq!(site.logged("passed")[0]["reason"], "charset");
}

#[test]
fn head_says_what_get_would() {
    let site = site(vec![packed(BROTLI, "br")]);
    let reply = site.head("/0").visitor("alice").navigating().send();
    reply.is(200).lacks(&["content-encoding", "content-length", "etag"]);
}
