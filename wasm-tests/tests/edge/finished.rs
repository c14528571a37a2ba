//! Finished variants are kept where the origin lets everybody keep the page, and nowhere else.

use edgewise_wasm_tests::{Answer, Reply, Site, datafile, html};
use serde_json::json;

use crate::PAGE;

const DATE: &str = "Sat, 21 Nov 2026 02:00:00 GMT";

/// A site with an experiment on all of its pages, at "/" with that answer; the page at "/plain" nobody may keep.
fn kept(answer: Answer) -> Site {
    let mut experiment =
        datafile::half("headline", "/", json!([datafile::text("h1", "Start free")]));
    experiment["pages"]["include"] = json!([{ "prefix": "/" }]);
    Site::serving("/", answer)
        .and("/plain", html(PAGE))
        .with_datafile(datafile::of([experiment]))
        .with_option("cache-variants", "60")
}

fn public() -> Answer {
    html(PAGE).header("Cache-Control", "public, max-age=60")
}

/// Visitors of control and of the other variant, two each.
fn visitors(site: &Site) -> [Vec<String>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    let mut number = 0;
    while found.iter().any(|ids| ids.len() < 2) {
        let id = format!("visitor-{number}");
        let shown = site.get("/plain").visitor(&id).send().text().contains("Start free");
        found[usize::from(shown)].push(id);
        number += 1;
    }
    found
}

/// How many requests reach the origin if two visitors come there, one after the other.
fn asked(site: &Site, path: &str, ids: &[String]) -> usize {
    let before = site.origin().seen().len();
    for id in &ids[..2] {
        // Of a page that breaks off at once, a busy runtime may not send so much as the head.
        drop(site.get(path).visitor(id).try_send());
        // A page is put there after its last byte, and before the sandbox is done.
        drop(site.log());
    }
    site.origin().seen().len() - before
}

#[test]
fn the_second_visitor_gets_the_same_without_the_origin() {
    let site = kept(public());
    let [control, free] = visitors(&site);
    let before = site.origin().seen().len();
    let asked = || site.origin().seen().len() - before;
    let first = site.get("/").visitor(&free[0]).send();
    drop(site.log());
    let second = site.get("/").visitor(&free[1]).send();
    assert_eq!(asked(), 1);
    second.shows("Start free").holds(&first.body);
    for name in ["content-type", "cache-control", "vary"] {
        assert_eq!(first.headers.get(name), second.headers.get(name), "{name}");
    }
    assert_eq!(second.visitor(), free[1]);
    assert!(second.headers.get("cache-control").is_some_and(|it| it.contains("private")));
    let mut exposures = site.logged("exposure");
    exposures.retain(|line| line["page"] == "/");
    let told: Vec<_> = exposures.iter().map(|line| line["visitor"].as_str()).collect();
    assert_eq!(told, [Some(free[0].as_str()), Some(free[1].as_str())]);
    assert_eq!(exposures[0]["changes"], exposures[1]["changes"]);
    assert_eq!(exposures[1]["variant"], "benefit");

    // Another variant is another page.
    site.get("/").visitor(&control[0]).send().shows("Hi").hides("Start free");
    assert_eq!(asked(), 2);
    drop(site.log());
    site.get("/").visitor(&control[1]).send().is(200).holds(PAGE);
    assert_eq!(asked(), 2);
    // And so is another query or host.
    site.get("/?a=1").visitor(&free[0]).send().shows("Start free");
    assert_eq!(asked(), 3);
    site.get("/").host("www.example.com").visitor(&free[0]).send().shows("Start free");
    assert_eq!(asked(), 4);
    assert_eq!(site.faults(), [] as [String; 0]);
}

#[test]
fn what_not_everybody_may_keep_is_not_kept() {
    let with = |value: &str| html(PAGE).header("Cache-Control", value);
    let half = html(PAGE).then("<p>more</p>".repeat(10_000)).then_cut().chunked();
    let answers = [
        html(PAGE),
        with("private, max-age=60"),
        with("no-store"),
        with("public, no-cache"),
        with("no-cache=\"set-cookie\", max-age=60"),
        with("max-age=0"),
        with("max-age=60, s-maxage=0"),
        with("max-age=a while"),
        public().header("Set-Cookie", "a=b"),
        public().header("Vary", "Cookie"),
        public().header("Vary", "Accept-Encoding, User-Agent"),
        public().header("Vary", "*"),
        public().header("Age", "60"),
        public().header("Content-Security-Policy", "script-src 'nonce-abc'"),
        public().status(404),
        half.header("Cache-Control", "public, max-age=60"),
        public().header("Vary", "Accept-Encoding"),
    ];
    let last = answers.len() - 1;
    let site = answers
        .iter()
        .enumerate()
        .fold(kept(html(PAGE)), |site, (n, one)| site.and(&format!("/{n}"), one.clone()));
    let [_, free] = visitors(&site);
    for number in 0..=last {
        let expected = if number == last { 1 } else { 2 };
        let path = format!("/{number}");
        assert_eq!(asked(&site, &path, &free), expected, "answer {number}");
    }
}

#[test]
fn some_requests_are_never_answered_from_it() {
    let site = kept(public());
    let [_, free] = visitors(&site);
    assert_eq!(asked(&site, "/", &free), 1);
    let before = site.origin().seen().len();
    site.get("/").visitor(&free[0]).header("Authorization", "Basic YTpi").send().is(200);
    site.head("/").visitor(&free[0]).send().is(200);
    assert_eq!(site.origin().seen().len() - before, 2);
}

#[test]
fn without_the_option_nothing_is_kept() {
    let site = kept(public()).with_option("cache-variants", "0");
    let [_, free] = visitors(&site);
    assert_eq!(asked(&site, "/", &free), 2);
}

#[test]
fn copy_with_facts_is_not_kept() {
    let site = Site::serving("/", public())
        .with_datafile(datafile::headline("Hello {{geo.city | \"you\"}}"))
        .with_option("cache-variants", "60");
    assert_eq!(asked(&site, "/", &["a".to_owned(), "b".to_owned()]), 2);
}

#[test]
fn a_page_over_budget_is_not_kept() {
    let site = kept(public()).with_option("page-bytes", "40");
    assert_eq!(asked(&site, "/", &["a".to_owned(), "b".to_owned()]), 2);
}

#[test]
fn a_page_of_more_than_a_mebibyte_is_not_kept() {
    let of = |length: usize| {
        let page = PAGE.to_owned() + &" ".repeat(length - PAGE.len());
        html(page).header("Cache-Control", "public, max-age=60")
    };
    let most = 1024 * 1024;
    let site = kept(html(PAGE)).and("/most", of(most)).and("/more", of(most + 1));
    // Control's page is the origin's, to the byte.
    let [control, _] = visitors(&site);
    assert_eq!(asked(&site, "/most", &control), 1);
    assert_eq!(asked(&site, "/more", &control), 2);
}

/// What somebody gets who has a page from before, and whether the origin was asked.
fn again(site: &Site, path: &str, visitor: &str, held: &str) -> (Reply, bool) {
    let request = site.get(path).visitor(visitor).navigating();
    asking(site, || request.header("If-None-Match", held).send())
}

fn asking(site: &Site, send: impl FnOnce() -> Reply) -> (Reply, bool) {
    let before = site.origin().seen().len();
    let reply = send();
    drop(site.log());
    (reply, site.origin().seen().len() > before)
}

/// The tag of the page as a visitor gets it, and whether the origin was asked.
#[track_caller]
fn tag(site: &Site, path: &str, visitor: &str) -> (String, bool) {
    let send = || site.get(path).visitor(visitor).navigating().send();
    let (reply, asked) = asking(site, send);
    let tags = reply.is(200).headers.all("etag");
    assert_eq!(tags.len(), 1, "{path}: {tags:?}");
    assert!(tags[0].starts_with("W/\"edgewise."), "{path}: {tags:?}");
    (tags[0].to_owned(), asked)
}

/// The same site with those pages at "/0" and on, with the option and without.
fn both(pages: &[Answer]) -> [Site; 2] {
    let site = || {
        let pages = pages.iter().enumerate();
        pages.fold(kept(html(PAGE)), |site, (n, page)| {
            site.and(&format!("/{n}"), page.clone())
        })
    };
    [site(), site().with_option("cache-variants", "0")]
}

#[test]
fn who_returns_is_told_that_nothing_changed_without_the_origin() {
    let tagged = || public().header("ETag", "\"v1\"");
    let pages = [
        tagged().header("Content-Security-Policy", "img-src *").header("X-Site", "a"),
        public().header("ETag", "W/\"a,b/c\"").header("Last-Modified", DATE),
        public().header("Last-Modified", DATE),
        tagged().gzip_if_accepted().always_whole(),
    ];
    let [site, without] = both(&pages);
    let [_, free] = visitors(&site);
    for path in (0..pages.len()).map(|number| format!("/{number}")) {
        for (visitor, asks) in [(&free[0], true), (&free[1], false)] {
            let (held, asked) = tag(&site, &path, visitor);
            assert_eq!(asked, asks, "{path}");
            assert_eq!(tag(&without, &path, visitor), (held.clone(), true), "{path}");
            let (reply, asked) = again(&site, &path, visitor, &held);
            reply.is(304).holds("").has("etag", &held);
            assert!(!asked, "{path}");
            assert_eq!(reply.visitor(), visitor);
            let (expected, asked) = again(&without, &path, visitor, &held);
            expected.is(304);
            assert!(asked, "{path}");
            let headers = |reply: &Reply| -> Vec<_> {
                let all = reply.headers.by_name().into_iter();
                let all = all.map(|(name, value)| (name, value.to_owned()));
                all.filter(|(name, _)| name != "date" && name != "set-cookie").collect()
            };
            assert_eq!(headers(&reply), headers(&expected), "{path}");
            let cookies = |reply: &Reply| reply.headers.all("set-cookie").len();
            assert_eq!(cookies(&reply), cookies(&expected), "{path}");
        }
        // Each was seen, and counted, when the page was sent.
        for site in [&site, &without] {
            let mut exposures = site.logged("exposure");
            exposures.retain(|line| line["page"] == path.as_str());
            assert_eq!(exposures.len(), 2, "{path}");
        }
    }
    assert_eq!(site.faults(), [] as [String; 0]);
}

#[test]
fn no_condition_gives_anybody_what_is_not_theirs() {
    let page = |tag: &str| public().header("ETag", tag).header("Accept-Ranges", "bytes");
    let pages = [page("\"v1\""), page("\"v2\""), page("W/\"v1\"").always_whole()];
    let [site, without] = both(&pages);
    let [control, free] = visitors(&site);
    let mine = tag(&site, "/0", &free[0]).0;
    let others = tag(&site, "/0", &free[1]).0;
    let of_control = tag(&site, "/0", &control[0]).0;
    for path in ["/1", "/2"] {
        tag(&site, path, &free[1]);
    }
    let strong = mine.trim_start_matches("W/");
    let packed = format!("{}-gzip\"", mine.trim_end_matches('"'));
    let list = format!("\"v1\", {others} ,, {mine}");
    let (somebody, of_theirs) = (free[0].as_str(), control[0].as_str());
    let both_ways = |path: &str, visitor: &str, headers: &[(&str, &str)]| {
        let ask = |site: &Site| {
            let mut request = site.get(path).visitor(visitor).navigating();
            for (name, value) in headers {
                request = request.header(name, value);
            }
            asking(site, || request.send())
        };
        let ((reply, asked), (expected, _)) = (ask(&site), ask(&without));
        let what = format!("{path} {headers:?}");
        assert!(!asked, "{what}");
        assert_eq!(reply.status, expected.status, "{what}");
        assert_eq!(reply.headers.all("etag"), expected.headers.all("etag"), "{what}");
        reply.holds(&expected.body);
        reply
    };
    for (path, visitor, held, has_it) in [
        ("/0", somebody, mine.as_str(), true),
        ("/0", somebody, strong, true),
        ("/0", somebody, &packed, true),
        ("/0", somebody, &list, true),
        ("/0", of_theirs, &of_control, true),
        // The origin's own tags differ in their mark only.
        ("/2", somebody, &mine, true),
        ("/1", somebody, &mine, false),
        ("/0", somebody, &others, false),
        ("/0", somebody, &of_control, false),
        ("/0", of_theirs, &mine, false),
        ("/0", somebody, "\"v1\"", false),
        ("/0", somebody, "*", false),
        ("/0", somebody, "W/\"edgewise.x.eInYxIg\"", false),
    ] {
        let reply = both_ways(path, visitor, &[("If-None-Match", held)]);
        if has_it {
            reply.is(304).holds("");
        } else if visitor == somebody {
            reply.shows("Start free");
        } else {
            reply.is(200).holds(PAGE);
        }
    }
    let part = ("Range", "bytes=0-3");
    let since = ("If-Modified-Since", DATE);
    let mine = mine.as_str();
    both_ways("/0", somebody, &[("If-None-Match", mine), part]).is(304);
    both_ways("/0", somebody, &[("If-None-Match", mine), since]).is(304);
    both_ways("/0", somebody, &[("If-Range", mine), part]).shows("Start free");
    both_ways("/0", somebody, &[since]).shows("Start free");
    both_ways("/0", somebody, &[part]).shows("Start free");
    let request = site.head("/0").visitor(&free[0]).header("If-None-Match", mine);
    let (head, asked) = asking(&site, || request.send());
    head.is(200).lacks(&["etag"]);
    assert!(asked);
    assert_eq!(site.faults(), [] as [String; 0]);
}

#[test]
fn who_returns_after_a_new_revision_gets_the_page() {
    let of = |words| datafile::headline(words).to_string().into_bytes();
    let page = public().header("ETag", "\"v1\"");
    let site = Site::serving("/", page)
        .with_history(&[of("Start free"), of("Start now")])
        .with_option("cache-variants", "60");
    let make_live = |revision: u64| {
        let body = json!({ "revision": revision }).to_string();
        let request = site.post("/_edgewise/api/v1/live/rollback", body);
        let request = request.header("Content-Type", "application/json");
        request.header("If-Match", "*").with_token().send().is(200);
        // Until the sandbox waits for more: the next request is to come to the same.
        drop(site.log());
    };
    let mut held: Vec<String> = Vec::new();
    for (revision, words) in [(1, "Start free"), (2, "Start now"), (1, "Start free")] {
        make_live(revision);
        let (other, asked) = tag(&site, "/", "bob");
        assert!(asked);
        held.push(other);
        for old in &held {
            let (reply, asked) = again(&site, "/", "alice", old);
            reply.shows(words);
            assert!(!asked);
        }
        let (own, asked) = tag(&site, "/", "alice");
        assert!(!asked && !held.contains(&own));
        again(&site, "/", "alice", &own).0.is(304);
        for old in &held {
            again(&site, "/", "alice", old).0.shows(words);
        }
        held.push(own);
    }
}

#[test]
fn a_page_without_a_tag_has_none_when_it_is_kept() {
    let long = format!("\"{}\"", "x".repeat(300));
    let pages = [
        public(),
        public().header("ETag", "v1"),
        public().header("ETag", "\"v1\" \"v2\""),
        public().header("ETag", "\"v1\"").header("ETag", "\"v2\""),
        public().header("ETag", &long),
        public().header("Last-Modified", "today"),
    ];
    let [site, _] = both(&pages);
    let [_, free] = visitors(&site);
    for path in (0..pages.len()).map(|number| format!("/{number}")) {
        for (visitor, asks) in [(&free[0], true), (&free[1], false), (&free[0], false)] {
            // As if they had one.
            let (reply, asked) =
                again(&site, &path, visitor, "W/\"edgewise.AAAA.eInYxIg\"");
            reply.shows("Start free").lacks(&["etag", "last-modified"]);
            assert_eq!(asked, asks, "{path}");
        }
    }
    // The policies of this one were changed for it.
    let script = json!([{ "script": "document.title = 'Edgewise'" }]);
    let page = public().header("ETag", "\"v1\"");
    let site =
        Site::serving("/", page.header("Content-Security-Policy", "script-src 'self'"))
            .with_datafile(datafile::of([datafile::everybody("x", "/", script)]))
            .with_option("cache-variants", "60");
    for (visitor, asks) in [("alice", true), ("bob", false)] {
        let send = || site.get("/").visitor(visitor).navigating().send();
        let (reply, asked) = asking(&site, send);
        reply.shows("Edgewise").lacks(&["etag"]);
        let policy = reply.headers.get("content-security-policy").unwrap_or_default();
        assert!(policy.contains("'sha256-"), "{policy}");
        assert_eq!(asked, asks);
    }
}
