//! Finished variants are kept where the origin lets everybody keep the page, and nowhere else.

use edgewise_wasm_tests::{Answer, Site, datafile, html};
use serde_json::json;

use crate::PAGE;

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
