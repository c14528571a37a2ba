//! Bodies that end early or make no sense.

use edgewise_wasm_tests::{Answer, End, Site, datafile, html};
use serde_json::Value;

use crate::one_fault;

const PAGE: &str = "<h1>Hi</h1><p>We sell things</p>";

fn site(page: Answer) -> Site {
    Site::serving("/", page.clone())
        .and("/about", page)
        .with_datafile(datafile::headline("Start free"))
}

#[test]
fn an_origin_that_closes_early_is_seen_to_have_closed_early() {
    let long = PAGE.repeat(10_000);
    for page in [
        html(PAGE).header("Content-Length", "99999").then_cut(),
        html(PAGE).chunked().then_cut(),
        html(&long).header("Content-Length", "99999999").then_cut(),
        html(&long).then_cut().then("the rest").gzip().chunked(),
    ] {
        let site = site(page);
        let cut = |path: &str| {
            // The runtime may notice before it has sent the head.
            let reply = site.get(path).visitor("alice").navigating().try_send();
            if let Some(reply) = reply {
                reply.was_cut();
            }
        };
        // Nobody edits this one, so nobody but the visitor notices.
        cut("/about");
        assert_eq!(site.faults(), [] as [&str; 0]);
        cut("/");
        one_fault(&site, &["body-unreadable"]);
        assert_eq!(site.logged("exposure"), [] as [Value; 0]);
    }
}

#[test]
fn a_body_that_only_claims_to_be_gzip_arrives_as_it_is() {
    for bytes in [PAGE.as_bytes(), b"\x1f\x8b\x08", b"\x1f\x8b\x07\0\0\0\0\0\0\0\0"] {
        let page =
            html(bytes).header("Content-Encoding", "gzip").header("ETag", "\"v1\"");
        let site = site(page);
        let reply = site.get("/").visitor("alice").navigating().send();
        reply.is(200).has("content-encoding", "gzip").holds(bytes);
        one_fault(&site, &["body-unreadable"]);
        assert_eq!(site.logged("exposure"), [] as [Value; 0]);
    }
}

#[test]
fn gzip_that_breaks_in_the_middle_is_never_a_clean_page() {
    // Words that do not compress away, so that the fault is far into the page.
    let words: Vec<_> = (0..40_000u32)
        .map(|number| format!("<p>{:x}</p>", number.wrapping_mul(2_654_435_761)))
        .collect();
    let words = words.concat();
    let whole = html(format!("{PAGE}{words}")).gzip().bytes();
    let middle = whole.len() / 2;
    let mut corrupt = whole.clone();
    corrupt[middle..middle + 64].fill(0xff);
    for bytes in [&corrupt, &whole[..middle], &whole[..whole.len() - 4]] {
        let page = html(bytes).header("Content-Encoding", "gzip");
        let site = site(page);
        let reply = site.get("/").visitor("alice").navigating().send();
        if reply.end == End::Clean {
            reply.is(200).has("content-encoding", "gzip").holds(bytes);
        }
        one_fault(&site, &["body-unreadable"]);
        assert_eq!(site.logged("exposure"), [] as [Value; 0]);
    }
}

#[test]
fn bytes_that_are_no_utf_8_stay_as_they_are() {
    let before =
        b"\xff\xfe<!doctype html>\xc3<p title=\"\xe9\x80\">caf\xe9</p>\0".as_slice();
    let after =
        b"<p>\xf0\x28\x8c\xbc</p><!-- \xed\xa0\x80 --><script>\"\xff\"</script>\xc3";
    let page = |headline: &[u8]| [before, b"<h1>", headline, b"</h1>", after].concat();
    // Its first bytes would be the mark of another charset.
    let page = |headline: &[u8]| page(headline)[2..].to_vec();
    let site = site(html(page(b"H\xe9 \xff")));
    let reply = site.get("/").visitor("alice").send();
    reply.is(200).holds(page(b"Start free"));
    assert_eq!(site.logged("exposure").len(), 1);
    assert_eq!(site.faults(), [] as [&str; 0]);
}

#[test]
fn pages_that_end_in_the_middle_of_something_end_there() {
    let tails =
        ["<p>open", "<p class=\"open", "<!-- open", "<", "<script>open", "</", "&am"];
    let path = |number: usize| format!("/{number}");
    let mut site = Site::serving("/", html(PAGE)).with_datafile(datafile::below("/"));
    for (number, tail) in tails.iter().enumerate() {
        site = site.and(&path(number), html(format!("<h1>Hi</h1>{tail}")));
    }
    for (number, tail) in tails.iter().enumerate() {
        let reply = site.get(&path(number)).visitor("alice").send();
        reply.is(200).holds(format!("<h1>Start free</h1>{tail}"));
    }
    assert_eq!(site.logged("exposure").len(), tails.len());
}

#[test]
fn a_headline_that_never_closes_does_not_swallow_the_page() {
    let page = "<div><h1>Hi</div><p>after</p>";
    let site = site(html(page));
    let reply = site.get("/").visitor("alice").send();
    reply.shows("<p>after</p>");
}

#[test]
fn an_empty_page_is_an_empty_page() {
    let site = site(html(""));
    site.get("/").visitor("alice").send().is(200).holds("");
    assert_eq!(site.log(), [] as [Value; 0]);
}
