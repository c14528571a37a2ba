//! Visitors who come back are told that nothing has changed, if nothing has.

use edgewise_wasm_tests::{Answer, Reply, Site, asset, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

const DATE: &str = "Sat, 21 Nov 2026 02:00:00 GMT";

fn page() -> Answer {
    html(PAGE).header("ETag", "\"v1\"").header("Cache-Control", "max-age=600")
}

fn site(page: Answer) -> Site {
    Site::serving("/", page).with_datafile(datafile::headline("Start free"))
}

/// The tag of the page as a visitor gets it.
#[track_caller]
fn tag(site: &Site, visitor: &str) -> String {
    let reply = site.get("/").visitor(visitor).navigating().send();
    reply.is(200);
    let tags = reply.headers.all("etag");
    assert_eq!(tags.len(), 1, "{tags:?}");
    assert!(tags[0].starts_with("W/\"edgewise."), "{tags:?}");
    tags[0].to_owned()
}

fn again(site: &Site, visitor: &str, tag: &str) -> Reply {
    site.get("/").visitor(visitor).navigating().header("If-None-Match", tag).send()
}

/// The conditions that the origin saw last.
fn conditions(site: &Site) -> Vec<(String, String)> {
    let seen = site.origin().seen();
    let last = seen.last().expect("a request");
    let of_conditions =
        |(name, _): &(&str, &str)| name.to_ascii_lowercase().starts_with("if-");
    let own = last.headers.iter().filter(of_conditions);
    own.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
}

fn none() -> Vec<(String, String)> {
    Vec::new()
}

#[test]
fn a_page_that_has_not_changed_is_not_sent_again() {
    let cases = [
        (page(), ("if-none-match", "\"v1\"")),
        (html(PAGE).header("ETag", "W/\"a,b/c\""), ("if-none-match", "W/\"a,b/c\"")),
        (html(PAGE).header("Last-Modified", DATE), ("if-modified-since", DATE)),
        (page().gzip_if_accepted(), ("if-none-match", "\"v1\"")),
        (page().always_whole(), ("if-none-match", "\"v1\"")),
    ];
    for (page, (name, value)) in cases {
        let page = page
            .header("Set-Cookie", "session=1")
            .header("Content-Security-Policy", "img-src *");
        let site = site(page);
        let tag = tag(&site, "alice");
        let reply = again(&site, "alice", &tag);
        reply.is(304).holds("").has("etag", &tag);
        assert_eq!(conditions(&site), [(name.to_owned(), value.to_owned())]);
        assert!(
            reply
                .headers
                .get("cache-control")
                .is_some_and(|it| it.starts_with("private"))
        );
        assert_eq!(reply.visitor(), "alice");
        assert_eq!(reply.sets_cookie("session").len(), 1);
        // The browser keeps the policies that came with the page.
        reply.lacks(&["last-modified", "content-security-policy", "content-length"]);
        // The page was seen, and counted, when it was sent.
        assert_eq!(site.logged("exposure").len(), 1);
    }
}

#[test]
fn a_tag_among_others_and_without_its_mark_is_found() {
    let site = site(page());
    let tag = tag(&site, "alice");
    let strong = tag.trim_start_matches("W/");
    let packed = format!("{}-gzip\"", tag.trim_end_matches('"'));
    for held in [
        format!("\"v0\", {tag}"),
        format!("{tag},\"a,b\""),
        strong.to_owned(),
        packed,
        format!("\"\",,, {tag} ,"),
    ] {
        again(&site, "alice", &held).is(304);
    }
}

#[test]
fn a_page_that_has_changed_is_sent() {
    let old = site(page());
    let tag = tag(&old, "alice");
    let new = site(html(PAGE).header("ETag", "\"v2\""));
    let reply = again(&new, "alice", &tag);
    reply.shows("Start free");
    assert_ne!(reply.headers.get("etag"), Some(tag.as_str()));
    let unkept = page().always_whole().header("Cache-Control", "no-store");
    again(&site(unkept), "alice", &tag).shows("Start free").lacks(&["etag"]);
}

#[test]
fn another_visitor_variant_revision_or_value_is_never_told_that_nothing_changed() {
    let words = |words: &str| datafile::headline(words);
    let mut revised = words("Start free");
    revised["revision"] = json!(8);
    let with_token = words("Start {{query.q | \"free\"}}");
    let changes = json!([datafile::text("h1", "Start free")]);
    let control = datafile::of([datafile::nobody("headline", "/", changes)]);
    let first = site(page());
    let held = tag(&first, "alice");
    let full = |site: &Site, visitor: &str| {
        again(site, visitor, &held).is(200);
        assert_eq!(conditions(site), none(), "the origin is asked for the whole page");
    };
    full(&first, "bob");
    for datafile in [words("Start now"), revised, with_token, control] {
        full(&Site::serving("/", page()).with_datafile(datafile), "alice");
    }
    again(&first, "alice", &held).is(304);
    // Somebody whom nothing names.
    first.get("/").navigating().header("If-None-Match", &held).send().is(200);
    // The same visitor, with another value in a token.
    let site =
        Site::serving("/", page()).with_datafile(words("Start {{query.q | \"free\"}}"));
    let get = |query: &str, tag: &str| {
        let request = site.get(query).visitor("alice").navigating();
        request.header("If-None-Match", tag).send()
    };
    let reply = get("/?q=now", "\"none\"");
    let held = reply.headers.get("etag").expect("a tag").to_owned();
    get("/?q=now", &held).is(304);
    get("/?q=later", &held).shows("Start later");
    get("/", &held).shows("Start free");
}

#[test]
fn tags_of_ours_never_reach_the_origin() {
    let site = site(page())
        .and("/about", page())
        .and("/app.css", asset("text/css", "h1{}").header("ETag", "\"v1\""));
    let held = tag(&site, "alice");
    let list = format!("{held}, \"v0\"");
    for (path, dest) in [("/about", "document"), ("/app.css", "style")] {
        let ask = |name: &str, value: &str| {
            let request = site.get(path).visitor("alice").header("Sec-Fetch-Dest", dest);
            request.header(name, value).header("If-Modified-Since", DATE).send().is(200);
            conditions(&site)
        };
        let left = |name: &str, value: &str| {
            let since = ("if-modified-since".to_owned(), DATE.to_owned());
            vec![(name.to_owned(), value.to_owned()), since]
        };
        assert_eq!(ask("If-None-Match", &held), none());
        assert_eq!(ask("If-None-Match", &list), left("if-none-match", "\"v0\""));
        assert_eq!(ask("If-Match", &list), left("if-match", "\"v0\""));
        let part =
            site.get(path).header("Sec-Fetch-Dest", dest).header("Range", "bytes=0-3");
        part.header("If-Range", &held).send().is(200);
        let seen = site.origin().seen();
        assert!(!seen.last().is_some_and(|one| one.headers.has("range")));
    }
    // Nothing that holds on to such a tag may be written, and nothing is.
    site.request("PUT", "/about").header("If-Match", &held).send();
    assert_eq!(conditions(&site), [("if-match".to_owned(), "W/\"\"".to_owned())]);
    let seen = site.origin().seen();
    let ours = |value: &str| value.contains("edgewise");
    assert!(!seen.iter().any(|one| one.headers.iter().any(|(_, value)| ours(value))));
}

#[test]
fn tags_that_we_did_not_write_do_no_harm() {
    let site = site(page());
    let held = tag(&site, "alice");
    let (front, _) = held.rsplit_once('.').expect("a tag of ours");
    for end in ["", "e", "eInYx", "x!", "eDQo", "dDQoNCg", &"eA".repeat(4_000), "e\u{e9}"]
    {
        let odd = format!("{front}.{end}\"");
        site.get("/")
            .visitor("alice")
            .header_bytes("If-None-Match", odd.as_bytes())
            .send()
            .is(200);
        assert_eq!(conditions(&site), none(), "{end:.20}");
    }
    let many = format!("{}{held}", "W/\"edgewise.x.eIiI\", ".repeat(500));
    again(&site, "alice", &many).is(200);
    for open in ["W/\"edgewise.", "\"", "edgewise.", ",,,\"edgewise.,"] {
        again(&site, "alice", open).is(200);
    }
}

#[test]
fn pages_that_are_not_to_be_kept_have_no_tag() {
    let nonce = "script-src 'nonce-YWJj'";
    let long = format!("\"{}\"", "x".repeat(300));
    let two = page().header("ETag", "\"v2\"");
    for page in [
        page().without("Cache-Control").header("Cache-Control", "no-store"),
        page().header("Content-Security-Policy", nonce),
        page().header("Content-Security-Policy-Report-Only", nonce),
        html(PAGE).header("ETag", &long),
        html(PAGE).header("ETag", "v1"),
        html(PAGE).header("ETag", "\"v1\" \"v2\""),
        html(PAGE).header("Last-Modified", "today"),
        html(PAGE),
        two,
    ] {
        let site = site(page);
        let reply = site.get("/").visitor("alice").send();
        reply.shows("Start free");
        reply.lacks(&["etag", "last-modified"]);
    }
    // Where a script of ours is allowed by its hash, the answer's policies belong to its page.
    let mut everybody =
        datafile::everybody("words", "/", json!([datafile::text("h1", "Hello")]));
    everybody["rendering"] = json!("hydrated");
    let with_policy = page().header("Content-Security-Policy", "script-src 'self'");
    let site = Site::serving("/", with_policy).with_datafile(datafile::of([everybody]));
    let reply = site.get("/").visitor("alice").send();
    if reply.headers.get("content-security-policy") != Some("script-src 'self'") {
        reply.lacks(&["etag"]);
    }
}

#[test]
fn pages_of_experiments_that_lead_elsewhere_are_always_sent() {
    let changes = json!([datafile::text("h1", "Start free")]);
    let experiment = datafile::showing("other", "/", "/other", changes);
    let site = Site::serving("/", page()).and("/other", page());
    let site = site.with_datafile(datafile::of([experiment]));
    let reply = site.get("/").visitor("alice").navigating().send();
    reply.shows("Start free").lacks(&["etag"]);
    let reply = again(&site, "alice", "W/\"edgewise.AAAA.eInYxIg\"");
    reply.shows("Start free");
    assert_eq!(conditions(&site), none());
}

#[test]
fn an_origin_that_says_not_modified_unasked_is_passed_on() {
    let silent = html("").status(304).without("content-type");
    let site = site(silent);
    let reply = site.get("/").visitor("alice").navigating().send();
    reply.is(304).holds("");
    assert_eq!(site.logged("passed")[0]["reason"], "status");
}

#[test]
fn an_unmodified_answer_of_a_visitor_who_is_left_out_is_the_origins() {
    let mut experiment: Value = datafile::headline("Start free");
    experiment["experiments"][0]["audience"] =
        json!({ "fact": "cookie.plan", "is": "team" });
    let site = Site::serving("/", page()).with_datafile(experiment);
    let reply = again(&site, "alice", "\"v1\"");
    reply.is(304).has("etag", "\"v1\"");
    let caching = reply.headers.get("cache-control").unwrap_or_default();
    assert!(caching.starts_with("private"), "{caching}");
    // With a tag of ours from before, the whole page comes.
    again(&site, "alice", "W/\"edgewise.AAAA.eInYxIg\"").is(200).has("etag", "\"v1\"");
}
