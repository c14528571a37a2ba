//! Variants that lead to other pages: where to, for whom, and who is counted.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::event::{
    Answer, Exposure, Seen, exposures, exposures_without_report,
};
use edgewise_engine::{
    Address, Canonical, Datafile, Decision, ExperimentKey, Facts, Forced, Page, PageHead,
    Plan, Reach, VariantKey, Visit, VisitorId, assign, rewrite,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use support::elsewhere::{datafile, experiment, open, page, path, redirect, visitor_of};
use support::soup::cases;

fn told(decisions: &[Decision<'_>]) -> Vec<String> {
    let told = |decision: &Decision<'_>| {
        let destination = decision.destination.as_ref();
        let redirect = destination.and_then(|one| one.redirect());
        let page = destination.and_then(|one| one.page());
        let to = redirect.or(page).map(|to| format!(" {to}")).unwrap_or_default();
        let variant = decision.variant().map_or("-", |variant| variant.key.as_str());
        format!("{variant} {}{to}", decision.reason())
    };
    decisions.iter().map(told).collect()
}

#[track_caller]
fn leads(variant: Value, url: &str, expected: &str) {
    let datafile = datafile(&[experiment("a", path("/a"), &[variant])]);
    let visitor = visitor_of(&datafile, &["b"]);
    assert_eq!(told(&open(&datafile, &visitor, url)), [expected]);
    let control = visitor_of(&datafile, &["control"]);
    let control = told(&open(&datafile, &control, url));
    assert!(control == ["control assigned"] || control == [expected], "{control:?}");
}

#[test]
fn a_visit_is_led_with_its_parameters() {
    leads(redirect("/b"), "https://example.com/a", "b assigned /b");
    leads(
        redirect("/b"),
        "https://example.com/a?utm_source=x&gclid=%2B",
        "b assigned /b?utm_source=x&gclid=%2B",
    );
    leads(
        redirect("/b?x=1#top"),
        "https://example.com/a?x=2&y=3&_edgewise=t#here",
        "b assigned /b?x=1&y=3#top",
    );
    leads(
        redirect("https://shop.example.com/b?x=1"),
        "https://example.com/a?y=2",
        "b assigned https://shop.example.com/b?x=1&y=2",
    );
    leads(page("/b?x=1"), "https://example.com/a?y=2&x=0", "b assigned /b?x=1&y=2");
    leads(redirect("/b"), "https://example.com/b", "- page-not-matched");
}

#[test]
fn nothing_of_an_address_decides_the_host() {
    let every = json!({"include": [{"prefix": "/"}], "exclude": [{"exact": "/b"}]});
    let datafile = datafile(&[experiment("a", every, &[redirect("/b")])]);
    let visitor = visitor_of(&datafile, &["b"]);
    for url in [
        "https://example.com//evil.example/?a=1",
        "https://example.com/\\evil.example?a=1",
        "https://example.com/https://evil.example?a=1",
    ] {
        assert_eq!(told(&open(&datafile, &visitor, url)), ["b assigned /b?a=1"]);
    }
    let decisions =
        open(&datafile, &visitor, "https://example.com/?a=\r\nLocation: //evil&é=\" ");
    assert_eq!(
        told(&decisions),
        ["b assigned /b?a=%0D%0ALocation:%20//evil&%C3%A9=%22%20"]
    );
}

#[test]
fn who_is_already_there_is_not_led() {
    leads(redirect("/a?v=b"), "https://example.com/a?y=1", "b assigned /a?v=b&y=1");
    leads(redirect("/a?v=b"), "https://example.com/a?y=1&v=b", "- already-there");
    leads(page("/a?v=b"), "https://example.com/a?v=b", "- already-there");
    leads(
        redirect("/a?v=b"),
        "https://example.com/a?v=c&y=%20",
        "b assigned /a?v=b&y=%20",
    );
}

#[test]
fn only_who_opens_a_page_is_led() {
    let same_host = datafile(&[experiment("a", path("/a"), &[redirect("/b")])]);
    let other_host = datafile(&[experiment(
        "a",
        path("/a"),
        &[redirect("/b"), redirect("https://shop.example.com/b")],
    )]);
    let check = |datafile: &Datafile, reach: Reach, expected: &str| {
        // Whichever the variant, so that both sides of the comparison are alike.
        for variant in ["control", "b"] {
            let visitor = visitor_of(datafile, &[variant]);
            let page = Page::parse("https://example.com/a").unwrap();
            let visit = Visit { reach, ..Visit::to(page) };
            let visitor = VisitorId::new(visitor).unwrap();
            let decisions = assign(datafile, &visitor, &visit);
            assert_eq!(decisions[0].reason(), expected, "{reach:?} {variant}");
        }
    };
    check(&same_host, Reach::Here, "not-opened");
    check(&same_host, Reach::SameHost, "assigned");
    check(&same_host, Reach::Anywhere, "assigned");
    check(&other_host, Reach::SameHost, "not-opened");
    check(&other_host, Reach::Anywhere, "assigned");
}

#[test]
fn the_first_that_leads_elsewhere_takes_the_visit() {
    let changes = json!({"changes": [{"selector": "h1", "text": "B"}]});
    let datafile = datafile(&[
        experiment("first", path("/a"), &[redirect("/b")]),
        experiment("words", path("/a"), &[changes]),
        experiment("second", path("/a"), &[page("/c")]),
    ]);
    let check = |variants: [&str; 3], expected: [&str; 3]| {
        let visitor = visitor_of(&datafile, &variants);
        assert_eq!(told(&open(&datafile, &visitor, "https://example.com/a")), expected);
    };
    check(["b", "b", "b"], ["b assigned /b", "b assigned", "- led-elsewhere"]);
    // Control of an experiment that is not asked is not counted either.
    check(
        ["b", "control", "control"],
        ["b assigned /b", "control assigned", "- led-elsewhere"],
    );
    check(["control", "b", "b"], ["control assigned", "b assigned", "b assigned /c"]);
    check(
        ["control", "b", "control"],
        ["control assigned", "b assigned", "control assigned"],
    );
}

#[test]
fn a_qa_link_leads_too() {
    let mut draft = experiment("a", path("/a"), &[redirect("/b")]);
    draft["status"] = json!("draft");
    let datafile = datafile(&[draft]);
    let key =
        |key: &str| (ExperimentKey::new(key).unwrap(), VariantKey::new("b").unwrap());
    let (experiment, variant) = key("a");
    let page = Page::parse("https://example.com/a?_edgewise=token&x=1").unwrap();
    let visit = Visit { forced: Forced::one(experiment, variant), ..Visit::to(page) };
    let decisions = assign(&datafile, &VisitorId::new("alice").unwrap(), &visit);
    assert_eq!(told(&decisions), ["b forced /b?x=1"]);
    let json = serde_json::to_value(&decisions[0]).unwrap();
    assert_eq!(json["redirect"], "/b?x=1");
    assert_eq!(
        json["explain"],
        "Is sent to /b?x=1 by \"B\" because a QA link forces it; this visit is not counted."
    );
}

#[test]
fn decisions_say_where_they_lead() {
    let datafile = datafile(&[
        experiment("a", path("/a"), &[page("/b")]),
        experiment("c", path("/a"), &[redirect("/d")]),
    ]);
    let visitor = visitor_of(&datafile, &["b", "b"]);
    let decisions = open(&datafile, &visitor, "https://example.com/a");
    let json = serde_json::to_value(&decisions).unwrap();
    assert_eq!((&json[0]["page"], json[0].get("redirect")), (&json!("/b"), None));
    let explain = json[0]["explain"].as_str().unwrap();
    assert!(
        explain.starts_with("Sees \"B\", which is /b at this address: bucket "),
        "{explain}"
    );
    assert_eq!((json[1].get("page"), json[1].get("redirect")), (None, None));
    assert_eq!(
        json[1]["explain"],
        "Not asked: an experiment before \"Experiment c\" leads this visit to another page."
    );
}

/// Rewrites `html` as the page that a visitor of these variants is shown.
fn shown(datafile: &Datafile, variants: &[&str], html: &str) -> (String, Vec<Value>) {
    let asked = Page::parse("https://example.com/a?x=\"1").unwrap();
    let visitor = visitor_of(datafile, variants);
    let decisions = open(datafile, &visitor, "https://example.com/a?x=\"1");
    let canonical = decisions
        .iter()
        .filter_map(Decision::variant)
        .find_map(|variant| Canonical::of(variant, &asked));
    let mut plan = Plan::for_decisions(&decisions, &Facts::default());
    if let Some(canonical) = &canonical {
        plan = plan.with_canonical(canonical);
    }
    let (html, report) = rewrite(&plan, &PageHead::default(), html.as_bytes());
    let visitor = VisitorId::new(visitor).unwrap();
    let lines = exposures(&report, seen(&visitor));
    (String::from_utf8(html).unwrap(), lines.iter().map(line).collect())
}

fn seen(visitor: &VisitorId) -> Seen<'_> {
    Seen { visitor, revision: 1, page: "/a", at: "now" }
}

fn line(exposure: &Exposure<'_>) -> Value {
    let json = serde_json::to_value(exposure).unwrap();
    let mut short = json!([json["experiment"], json["variant"]]);
    if let Some(to) = json.get("leads_to") {
        short.as_array_mut().unwrap().push(to.clone());
    }
    short
}

#[test]
fn another_page_names_the_address_at_which_it_is_shown() {
    let changed = json!({
        "page": {"path": "/b"},
        "changes": [{"selector": "h1", "text": "B"}, {"selector": "h6", "text": "nowhere"}],
    });
    let datafile = datafile(&[
        experiment(
            "words",
            path("/a"),
            &[json!({"changes": [{"selector": "p", "text": "W"}]})],
        ),
        experiment("pages", path("/a"), &[changed]),
        experiment(
            "more",
            path("/a"),
            &[json!({"changes": [{"selector": "i", "text": "M"}]})],
        ),
    ]);
    let html =
        "<link rel='Canonical' href=/b><link rel=next href=/c><h1>b</h1><p>p</p><i>i</i>";
    let (out, lines) = shown(&datafile, &["b", "b", "b"], html);
    assert_eq!(
        out,
        "<link rel='Canonical' href=\"https://example.com/a\"><link rel=next href=/c><h1>B</h1><p>W</p><i>M</i>"
    );
    assert_eq!(
        lines,
        [json!(["words", "b"]), json!(["pages", "b", "/b"]), json!(["more", "b"])]
    );
    // Also where none of the variant's own changes finds its place: the page itself was shown.
    let (out, lines) = shown(&datafile, &["control", "b", "control"], "<b>bare</b>");
    assert_eq!(out, "<b>bare</b>");
    assert_eq!(lines, [json!(["pages", "b", "/b"])]);
    // The page asked for keeps what it says, and is not searched for changes to another one.
    let (out, lines) = shown(&datafile, &["control", "control", "control"], html);
    assert_eq!(out, html);
    assert_eq!(
        lines,
        [
            json!(["words", "control"]),
            json!(["pages", "control"]),
            json!(["more", "control"])
        ]
    );
}

#[test]
fn a_variants_own_canonical_address_wins() {
    let own = json!({"selector": "link[rel=canonical]", "attribute": {"href": "/own"}});
    let html = "<link rel=canonical href=/b>";
    let wins = datafile(&[experiment(
        "a",
        path("/a"),
        &[json!({"page": {"path": "/b"}, "changes": [own]})],
    )]);
    assert_eq!(shown(&wins, &["b"], html).0, "<link rel=canonical href=\"/own\">");
    let keeps = datafile(&[experiment(
        "a",
        path("/a"),
        &[json!({"page": {"path": "/b", "canonical": "keep"}})],
    )]);
    assert_eq!(shown(&keeps, &["b"], html).0, html);
}

#[test]
fn both_sides_are_counted_by_one_rule() {
    let words = json!({"changes": [{"selector": "h1", "text": "B"}]});
    let datafile = datafile(&[
        experiment("words", path("/a"), std::slice::from_ref(&words)),
        experiment("pages", path("/a"), &[page("/b")]),
        experiment("redirects", path("/a"), &[redirect("/c"), words]),
    ]);
    let check = |variants: [&str; 3], answer: Answer, expected: Value| {
        let visitor = visitor_of(&datafile, &variants);
        let decisions = open(&datafile, &visitor, "https://example.com/a");
        let plan = Plan::for_decisions(&decisions, &Facts::default());
        let visitor = VisitorId::new(visitor).unwrap();
        let lines = exposures_without_report(&plan, answer, seen(&visitor));
        assert_eq!(json!(lines.iter().map(line).collect::<Vec<_>>()), expected);
    };
    let controls = ["control", "control", "control"];
    check(
        controls,
        Answer::Page,
        json!([["pages", "control"], ["redirects", "control"]]),
    );
    check(controls, Answer::Other, json!([["redirects", "control"]]));
    check(
        ["b", "control", "b"],
        Answer::Redirect,
        json!([["pages", "control"], ["redirects", "b", "/c"]]),
    );
    check(["b", "control", "c"], Answer::Other, json!([["redirects", "c"]]));
    check(["b", "b", "control"], Answer::Page, json!([["pages", "b", "/b"]]));
}

#[track_caller]
fn refused(change: impl Fn(&mut Value), message: &str) {
    let good = datafile(&[experiment(
        "a",
        path("/a"),
        &[redirect("https://shop.example.com/b")],
    )]);
    let mut json: Value = serde_json::from_str(&good.to_json()).unwrap();
    change(&mut json);
    let error = Datafile::from_json(json.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), message);
}

#[test]
fn no_datafile_leads_astray() {
    refused(
        |json| json["redirect_hosts"] = json!([]),
        "\"a\" redirects to \"shop.example.com\", which is not an allowed host",
    );
    refused(
        |json| json["experiments"][0]["variants"][1]["redirect"]["to"] = json!("/a"),
        "the redirects of \"a\" lead back to its own pages",
    );
    let nowhere = "\"b\" of \"a\" is control, leads to two places, or changes a page that it leads away from";
    refused(
        |json| json["experiments"][0]["variants"][1]["page"] = json!({"path": "/b"}),
        nowhere,
    );
    refused(
        |json| json["experiments"][0]["variants"][1]["changes"] = json!([{"css": "p{}"}]),
        nowhere,
    );
    refused(
        |json| json["experiments"][0]["variants"][0]["page"] = json!({"path": "/b"}),
        "\"control\" of \"a\" is control, leads to two places, or changes a page that it leads away from",
    );
    for to in
        ["//evil.example", "http://shop.example.com/", "javascript:alert(1)", "/\u{e9}"]
    {
        refused(
            |json| json["experiments"][0]["variants"][1]["redirect"]["to"] = json!(to),
            "it is not a datafile",
        );
    }
    refused(
        |json| json["experiments"][0]["variants"][1]["redirect"]["status"] = json!(301),
        "it is not a datafile",
    );
}

/// A parameter's name as a server reads it.
fn name(pair: &str) -> String {
    let name = pair.split('=').next().unwrap().replace('+', " ");
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits =
            digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = digits
            .filter(|_| *first == b'%')
            .map(|digits| u8::from_str_radix(digits, 16).unwrap());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn parameters_keep_their_order_and_spelling(
        to in select(&["/b", "/b?", "/b?a=1", "/b?a=1&b%5B%5D=%20#top", "https://shop.example.com/b?c"][..]),
        query in "([abcd]|%6[1-9]|%5[bB]%5[dD]|b\\[\\]|[=&+%'~]|utm_source=x&){0,20}", any in ".*",
    ) {
        let address = Address::parse(to).unwrap();
        let (base, own) = to.split('#').next().unwrap().split_once('?').unwrap_or((to, ""));
        let own_names: Vec<_> = own.split('&').filter(|pair| !pair.is_empty()).map(name).collect();
        let kept = query.split('&').filter(|pair| own_names.is_empty() || !own_names.contains(&name(pair)));
        let kept = kept.collect::<Vec<_>>().join("&");
        let all = [own, kept.as_str()].into_iter().filter(|part| !part.is_empty());
        let all = all.collect::<Vec<_>>().join("&");
        let location = address.location(&query);
        let (rest, fragment) = location.split_once('#').unwrap_or((&location, ""));
        prop_assert_eq!(fragment, to.split_once('#').map_or("", |(_, fragment)| fragment));
        let (found, merged) = rest.split_once('?').unwrap_or((rest, ""));
        prop_assert_eq!(found, base);
        prop_assert_eq!(merged, all);

        // Whatever was asked, who follows the redirect is there, and would be sent to the same address again.
        for query in [query, any] {
            let location = address.location(&query);
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{}", location);
            prop_assert!(location.starts_with(base), "{}", location);
            let url = if location.starts_with('/') { format!("https://example.com{location}") } else { location.clone() };
            let page = Page::parse(&url).unwrap();
            prop_assert!(address.is_at(&page), "{}", location);
            prop_assert_eq!(address.location(page.query()), location);
        }
    }

    #[test]
    fn any_text_is_an_address_or_is_not(text in "(/|//|https://)?[a-z:/?#@\\[\\].%\\\\\"é\t -]{0,20}|.*") {
        if let Ok(address) = Address::parse(&text) {
            let location = address.location("");
            let path = location.strip_prefix("https://").map_or(Some(location.as_str()), |rest| {
                let host = address.host().unwrap();
                rest.strip_prefix(host)
            });
            let path = path.unwrap();
            prop_assert_eq!(address.host().is_none(), location.starts_with('/'));
            prop_assert!(path.starts_with('/') && (address.host().is_some() || !path.starts_with("//")), "{}", location);
            prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'), "{}", location);
        }
    }
}
