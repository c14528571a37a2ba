//! What caches between us and the visitors may keep: everything but pages on which an experiment runs.

use edgewise_wasm_tests::{Answer, Reply, Site, asset, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

fn page() -> Answer {
    html(PAGE)
        .header("ETag", "\"v1\"")
        .header("Cache-Control", "public, max-age=600")
        .header("Surrogate-Control", "max-age=900")
        .header("Expires", "Sat, 21 Nov 2026 12:00:00 GMT")
}

fn experiment(audience: &Value) -> Value {
    let mut datafile = datafile::below("/");
    if !audience.is_null() {
        datafile["experiments"][0]["audience"] = audience.clone();
    }
    datafile
}

#[test]
fn who_is_left_out_gets_the_page_for_themselves() {
    let others = json!({ "fact": "cookie.plan", "is": "team" });
    let site = Site::serving("/", page()).with_datafile(experiment(&others));
    let request = || site.get("/").navigating();
    request().visitor("alice").send().is_untouched_but_private(&page());
    request()
        .visitor("alice")
        .cookie("plan=solo")
        .send()
        .is_untouched_but_private(&page());
    let bot = request().user_agent("Googlebot/2.1 (+http://www.google.com/bot.html)");
    bot.send().is_untouched_but_private(&page());
    request().header("Sec-GPC", "1").send().is_untouched_but_private(&page());
    request().visitor("alice").cookie("plan=team").send().shows("Start free");
}

#[test]
fn who_asks_ahead_or_for_something_else_gets_it_for_themselves() {
    let site = Site::serving("/", page())
        .and("/app.css", asset("text/css", "h1{}").header("Cache-Control", "public"))
        .with_datafile(experiment(&Value::Null));
    let ahead = |accept: &str| {
        let request = site.get("/").visitor("alice").header("Sec-Fetch-Dest", "empty");
        request.header("Accept", accept).header("Sec-Purpose", "prefetch")
    };
    ahead("*/*").send().is_untouched_but_private(&page());
    let picture = site.get("/").header("Sec-Fetch-Dest", "image");
    picture.send().is_untouched_but_private(&page());
    let unmodified = ahead("*/*").header("If-None-Match", "\"v1\"").send();
    unmodified.is(304);
    assert!(
        unmodified
            .headers
            .get("cache-control")
            .is_some_and(|it| it.starts_with("private"))
    );
    let style = site.get("/app.css").header("Sec-Fetch-Dest", "style").send();
    style.has("cache-control", "public");
}

#[test]
fn pages_that_cannot_be_rewritten_are_private_all_the_same() {
    let wide: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe], wide.as_slice()].concat();
    let cached = |page: Answer| page.header("Cache-Control", "public, s-maxage=60");
    let pages = [
        cached(html(PAGE).content_type("text/html; charset=utf-16le")),
        cached(html(&marked).content_type("text/html")),
        cached(html(PAGE)).header("Cache-Control", "no-transform"),
        cached(html("").status(304).without("content-type")),
        cached(html(&PAGE[..9]).status(206).header("Content-Range", "bytes 0-8/100")),
    ];
    let site = Site::serving("/", page()).with_datafile(experiment(&Value::Null));
    let site = pages
        .iter()
        .enumerate()
        .fold(site, |site, (n, page)| site.and(&format!("/{n}"), page.clone()));
    for (n, page) in pages.iter().enumerate() {
        let path = format!("/{n}");
        let reply = site.get(&path).visitor("alice").navigating().send();
        reply.is_untouched_but_private(page);
        let transforms = reply
            .headers
            .get("cache-control")
            .is_some_and(|it| it.contains("no-transform"));
        assert_eq!(transforms, n == 2, "{}", reply.brief());
    }
}

#[test]
fn pages_without_an_experiment_and_answers_that_are_no_page_keep_what_they_say() {
    let about = page();
    let missing = page().status(404);
    let data = asset("application/json", "{}").header("Cache-Control", "public");
    let untouched = |datafile: Value, path: &str, answer: &Answer| {
        let site = Site::serving(path, answer.clone()).with_datafile(datafile);
        site.get(path).visitor("alice").navigating().send().is_untouched(answer);
        site.get(path).send().is_untouched(answer);
    };
    untouched(datafile::headline("Start free"), "/about", &about);
    untouched(experiment(&Value::Null), "/missing", &missing);
    untouched(experiment(&Value::Null), "/data", &data);
    for status in ["draft", "paused", "stopped"] {
        let mut over = experiment(&Value::Null);
        over["experiments"][0]["status"] = json!(status);
        untouched(over, "/", &page());
    }
}

#[test]
fn nothing_of_ours_reaches_the_origin_or_its_cache_on_any_path() {
    let site = Site::serving("/", page())
        .and("/about", page())
        .and("/app.js", asset("text/javascript", "1"))
        .with_datafile(datafile::headline("Start free"));
    let ask = |method: &str, path: &str, dest: &str, ours: bool| -> Reply {
        let request = |target: &str| {
            let request = site.request(method, target).host("www.example.com");
            request.header("Sec-Fetch-Dest", dest).header("Sec-Fetch-Mode", "navigate")
        };
        if !ours {
            return request(&format!("{path}?a=1")).cookie("theme=dark").send();
        }
        let query = "_edgewise=a.b.1.00&a=1&_edgewise_debug=1.00";
        request(&format!("{path}?{query}"))
            .cookie("edgewise=2.alice; theme=dark; edgewise_qa=x; edgewise_sticky=y")
            .cookie("edgewise_redirects=2; edgewise-debug=9.aa")
            .header("Edgewise", "headline=benefit")
            .header("If-None-Match", "W/\"edgewise.AAAA.eInYxIg\"")
            .send()
    };
    let cases = [
        ("GET", "/", "document"),
        ("HEAD", "/", "document"),
        ("GET", "/about", "document"),
        ("GET", "/app.js", "script"),
        ("GET", "/missing", "image"),
        ("POST", "/about", "document"),
        ("DELETE", "/about", "empty"),
    ];
    for (method, path, dest) in cases {
        ask(method, path, dest, true);
        ask(method, path, dest, false);
        let seen = site.origin().seen();
        let [with, without] = &seen[seen.len() - 2..] else { panic!("two requests") };
        assert_eq!(with.target, without.target);
        assert_eq!(with.headers.by_name(), without.headers.by_name(), "{method} {path}");
    }
}
