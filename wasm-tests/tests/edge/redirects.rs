//! Variants that send visitors to another address.

use edgewise_wasm_tests::{Reply, Site, asset, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

const OTHER: &str = "<!doctype html>\n<h1>Other</h1>\n";

fn redirecting(to: &str) -> Site {
    site(datafile::of([datafile::redirecting("landing", "/landing", to)]))
}

fn site(mut datafile: Value) -> Site {
    datafile["redirect_hosts"] = json!(["shop.example.com"]);
    Site::serving("/landing", html(PAGE))
        .and("/landing-b", html(OTHER))
        .with_datafile(datafile)
}

#[track_caller]
fn leads_to(reply: &Reply, location: &str) {
    reply.is(302).holds("").has("location", location);
    reply.has("cache-control", "private, no-store");
    assert_eq!(reply.sets_cookie("edgewise").len(), 1, "{}", reply.brief());
}

/// Experiment and variant of every exposure.
fn counted(site: &Site) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    let lines = site.logged("exposure");
    lines.iter().map(|line| (word(&line["experiment"]), word(&line["variant"]))).collect()
}

#[test]
fn a_visitor_is_sent_on_with_their_parameters_and_their_cookie() {
    let site = redirecting("/landing-b?v=b#top");
    let target = "/landing?utm_source=mail&v=a&gclid=a%2Bb&utm_term=%C3%A9";
    let reply = site.get(target).navigating().send();
    leads_to(&reply, "/landing-b?v=b&utm_source=mail&gclid=a%2Bb&utm_term=%C3%A9#top");
    let seen = site.origin().seen();
    assert!(seen.is_empty(), "the origin was asked for {seen:?}");

    let (cookie, visitor) = (reply.cookie("edgewise"), reply.visitor());
    let lines = site.log();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let expected = json!({
        "type": "exposure",
        "at": lines[0]["at"],
        "visitor": visitor,
        "experiment": "landing",
        "variant": "benefit",
        "revision": 7,
        "page": "/landing",
        "leads_to": "/landing-b?v=b#top",
        "changes": [],
    });
    assert_eq!(lines[0], expected);

    let next = reply.headers.get("location").expect("a location").split('#').next();
    let next = site.get(next.expect("a path")).navigating().cookie(&cookie).send();
    next.is(200).holds(OTHER);
    let seen = site.origin().seen();
    assert_eq!(
        seen[0].target,
        "/landing-b?v=b&utm_source=mail&gclid=a%2Bb&utm_term=%C3%A9"
    );
    assert_eq!(seen[0].headers.all("cookie"), [] as [&str; 0]);
    assert_eq!(counted(&site).len(), 1, "the page it leads to is no second exposure");
}

#[test]
fn another_host_and_another_status_are_as_the_experiment_says() {
    let everybody = datafile::everybody("landing", "/landing", json!([]));
    let redirect = json!({ "to": "https://shop.example.com/b", "status": 307 });
    let site = site(datafile::of([datafile::leading(everybody, "redirect", redirect)]));
    let reply = site.get("/landing?x=//evil.example").navigating().send();
    reply.is(307).has("location", "https://shop.example.com/b?x=//evil.example");
    let reply = site.get("/landing").host("evil.example").navigating().send();
    reply.is(307).has("location", "https://shop.example.com/b");
}

#[test]
fn head_is_answered_alike_and_counts_nobody() {
    let site = redirecting("/landing-b");
    leads_to(&site.head("/landing?x=1").navigating().send(), "/landing-b?x=1");
    assert_eq!(site.log(), [] as [Value; 0]);
}

#[test]
fn a_form_is_never_sent_elsewhere() {
    let site = redirecting("/landing-b");
    for method in ["POST", "PUT", "DELETE"] {
        let request = site.request(method, "/landing").visitor("alice").navigating();
        request.send().is(200).holds(PAGE);
    }
    assert_eq!(site.log(), [] as [Value; 0]);
}

#[test]
fn what_no_browser_opens_is_not_sent_elsewhere() {
    let site = redirecting("/landing-b");
    let request = || site.get("/landing").visitor("alice");
    // A script or a picture of a browser without fetch metadata, and programs.
    request().send().is(200);
    request().header("Accept", "*/*").send().is(200);
    request().header("Accept", "*/*").header("Sec-Fetch-Mode", "no-cors").send().is(200);
    assert_eq!(site.log(), [] as [Value; 0]);
    // A script that swaps pages follows a redirect, but not to another host.
    let swap = |site: &Site| {
        let request = site.get("/landing").visitor("alice").header("Accept", "text/html");
        request.header("Sec-Fetch-Mode", "cors").header("Sec-Fetch-Dest", "empty").send()
    };
    leads_to(&swap(&site), "/landing-b");
    swap(&redirecting("https://shop.example.com/b")).is(200).holds(PAGE);
}

#[test]
fn who_is_where_it_leads_stays_there() {
    let site = redirecting("/landing?v=b");
    leads_to(&site.get("/landing?x=1").navigating().send(), "/landing?v=b&x=1");
    let reply = site.get("/landing?x=1&v=b").visitor("alice").navigating().send();
    reply.is(200).holds(PAGE);
    assert_eq!(counted(&site).len(), 1);
}

#[test]
fn a_datafile_that_leads_in_a_circle_or_astray_leads_nowhere() {
    let circle = datafile::of([
        datafile::redirecting("there", "/landing", "/landing-b"),
        datafile::redirecting("back", "/landing-b", "/landing"),
    ]);
    let astray = "https://evil.example/";
    let astray = datafile::of([datafile::redirecting("landing", "/landing", astray)]);
    for datafile in [circle, astray] {
        let site = site(datafile);
        site.get("/landing").visitor("alice").navigating().send().is(200).holds(PAGE);
        assert_eq!(site.faults(), ["datafile-unreadable"]);
    }
}

#[test]
fn where_the_site_leads_back_the_page_asked_for_is_shown_in_the_end() {
    let back = html("").status(302).header("Location", "/landing");
    let site = redirecting("/landing-b").and("/landing-b", back);
    let mut cookies: Vec<(String, String)> = Vec::new();
    let mut target = "/landing".to_owned();
    for _ in 0..20 {
        let mut request = site.get(&target).navigating();
        for (name, value) in &cookies {
            request = request.cookie(&format!("{name}={value}"));
        }
        let reply = request.send();
        for line in reply.headers.all("set-cookie") {
            let pair = line.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            cookies.retain(|(known, _)| known != name);
            cookies.push((name.to_owned(), value.to_owned()));
        }
        let Some(location) = reply.headers.get("location") else {
            reply.is(200).holds(PAGE);
            assert_eq!(site.faults(), ["redirect-loop"]);
            for seen in site.origin().seen() {
                assert_eq!(seen.headers.all("cookie"), [] as [&str; 0], "ours stay ours");
            }
            return;
        };
        location.clone_into(&mut target);
    }
    panic!("it never ended");
}

#[test]
fn both_sides_count_whatever_the_page_was() {
    let wide: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe], wide.as_slice()].concat();
    let nobody = datafile::nobody("landing", "/", json!([]));
    let mut experiment = datafile::leading(nobody, "redirect", json!({ "to": "/b" }));
    experiment["pages"]["include"] = json!([{ "prefix": "/landing/" }]);
    let mut site = site(datafile::of([experiment]));
    let pages = [
        (200, html(PAGE)),
        (200, html(PAGE).header("Cache-Control", "public, max-age=600, no-transform")),
        (200, html(&wide).content_type("text/html; charset=utf-16le")),
        (200, html(&marked).content_type("text/html")),
        (404, html(PAGE)),
        (503, html(PAGE)),
        (302, html(PAGE).header("Location", "/elsewhere")),
    ];
    let path = |number: usize| format!("/landing/{number}");
    for (number, (status, page)) in pages.iter().enumerate() {
        site = site.and(&path(number), page.clone().status(*status));
    }
    for (number, (status, page)) in pages.iter().enumerate() {
        let reply = site.get(&path(number)).navigating().send();
        reply.is(*status).holds(page.bytes());
        // Without it they would be somebody else at the next page, and end up where it leads.
        assert_eq!(reply.sets_cookie("edgewise").len(), 1, "{}", reply.brief());
        let caching = reply.headers.all("cache-control").join(", ");
        assert!(caching.starts_with("private"), "{caching}");
        assert_eq!(caching.contains("no-transform"), number == 1, "{caching}");
    }
    let control = ("landing".to_owned(), "control".to_owned());
    assert_eq!(counted(&site), vec![control; pages.len()]);
}

#[test]
fn every_visitor_is_counted_once_on_their_side() {
    let half = datafile::half("landing", "/landing", json!([]));
    let redirect = json!({ "to": "/landing-b" });
    let experiment = datafile::leading(half, "redirect", redirect);
    let site = site(datafile::of([experiment]));
    let mut expected = Vec::new();
    for number in 0..40 {
        let visitor = format!("visitor-{number}");
        let reply = site.get("/landing").visitor(&visitor).navigating().send();
        let variant = if reply.status == 302 { "benefit" } else { "control" };
        expected.push((visitor, variant));
    }
    let lines = site.logged("exposure");
    let counted: Vec<_> = lines
        .iter()
        .map(|line| {
            let word = |name: &str| line[name].as_str().expect("a word");
            (word("visitor").to_owned(), word("variant"))
        })
        .collect();
    assert_eq!(counted, expected);
    let sent = expected.iter().filter(|(_, variant)| *variant == "benefit").count();
    assert!((10..=30).contains(&sent), "{sent} of 40 were sent on");
}

#[test]
fn what_a_browser_asks_for_ahead_counts_nobody() {
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::of([
        datafile::redirecting("landing", "/landing", "/landing-b"),
        datafile::everybody("words", "/", json!([datafile::text("h1", "New")])),
    ]));
    let landing = || site.get("/landing").visitor("alice").navigating();
    let home = || site.get("/").visitor("alice").navigating();
    for (name, value) in [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "prefetch"),
        ("X-Moz", "prefetch"),
    ] {
        leads_to(&landing().header(name, value).send(), "/landing-b");
        home().header(name, value).send().shows("New");
    }
    assert_eq!(site.log(), [] as [Value; 0]);
    leads_to(&landing().send(), "/landing-b");
    home().send().shows("New");
    assert_eq!(counted(&site).len(), 2);
}

#[test]
fn a_qa_link_leads_there_is_kept_and_counts_nobody() {
    let nobody = datafile::nobody("landing", "/landing", json!([]));
    let redirect = json!({ "to": "/landing-b?x=1" });
    let site = site(datafile::of([datafile::leading(nobody, "redirect", redirect)]));
    let wish =
        json!({ "experiment": "landing", "variant": "benefit", "path": "/landing?a=1" });
    let request = site.post("/_edgewise/api/v1/qa-links", wish.to_string()).with_token();
    let url = request.send().json()["url"].as_str().expect("a url").to_owned();
    let reply = site.get(&url).visitor("alice").navigating().send();
    leads_to(&reply, "/landing-b?x=1&a=1");
    let kept = reply.sets_cookie("edgewise_qa");
    assert_eq!(kept.len(), 1, "{}", reply.brief());
    let kept = kept[0].split(';').next().unwrap();
    let again = site.get("/landing").visitor("alice").cookie(kept).navigating().send();
    leads_to(&again, "/landing-b?x=1");
    assert_eq!(counted(&site), []);
    let forced = site.logged("forced-exposure");
    assert_eq!(forced.len(), 2, "{forced:?}");
}

#[test]
fn the_first_that_redirects_takes_the_visit_and_control_before_it_is_counted() {
    let redirect = json!({ "to": "/landing-c" });
    let nobody = datafile::nobody("before", "/landing", json!([]));
    let words = json!([datafile::text("h1", "New")]);
    let site = site(datafile::of([
        datafile::leading(nobody, "redirect", redirect),
        datafile::everybody("words", "/landing", words.clone()),
        datafile::redirecting("first", "/landing", "/landing-b"),
        datafile::redirecting("second", "/landing", "https://shop.example.com/"),
        datafile::everybody("there", "/landing-b", words),
    ]));
    let reply = site.get("/landing").visitor("alice").navigating().send();
    leads_to(&reply, "/landing-b");
    site.get("/landing-b").visitor("alice").navigating().send().shows("New");
    let expected = [("before", "control"), ("first", "benefit"), ("there", "benefit")];
    let expected = expected.map(|(one, two)| (one.to_owned(), two.to_owned()));
    assert_eq!(counted(&site), expected);
}

#[test]
fn a_picture_below_the_pages_of_an_experiment_is_a_picture() {
    let picture = asset("image/svg+xml", "<svg/>").header("ETag", "\"v1\"");
    let mut experiment = datafile::redirecting("landing", "/landing", "/b");
    experiment["pages"]["include"] = json!([{ "prefix": "/landing" }]);
    let site = site(datafile::of([experiment])).and("/landing/a.svg", picture.clone());
    let request = site.get("/landing/a.svg").visitor("alice");
    let request = request.header("Accept", "image/avif,image/*,*/*;q=0.8");
    request.header("Sec-Fetch-Dest", "image").send().is_untouched(&picture);
}
