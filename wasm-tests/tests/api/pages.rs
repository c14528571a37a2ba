//! Pages are looked at before anything is published; only this site's own.

use edgewise_wasm_tests::{Site, html};
use serde_json::{Value, json};

use crate::support::{PAGE, experiment, get, problem, publish, send, site, transition};

#[test]
fn a_page_is_described() {
    let react = html("<!doctype html><div id=__next><h1>Hi</h1></div><script id=\"__NEXT_DATA__\">{}</script>")
        .header("Content-Security-Policy", "default-src 'self'")
        .header("Cache-Control", "public, max-age=60");
    let site = Site::serving("/", html(PAGE).header("Set-Cookie", "a=1"))
        .and("/app", react.gzip())
        .without_datafile();
    let inspect = |body: Value| send(&site, "POST", "/pages/inspect", &body).send();
    let plain = inspect(json!({ "path": "/" })).is(200).json();
    assert_eq!(
        plain,
        json!({
            "path": "/", "status": 200, "content_type": "text/html; charset=utf-8", "html": true,
            "encoding": "identity", "bytes": PAGE.len(), "elements": 7, "framework": null,
            "rewritable": true, "stopped": null, "csp": [], "cache_control": null,
            "cacheable": false, "no_transform": false,
        })
    );
    let app = inspect(json!({ "path": "/app" })).is(200).json();
    assert_eq!(app["csp"], json!(["default-src 'self'"]));
    assert_eq!((&app["cacheable"], &app["framework"]), (&json!(true), &json!("react")));
    assert_eq!(app["encoding"], "gzip");
    let missing = inspect(json!({ "path": "/none" })).is(200).json();
    assert_eq!((&missing["status"], &missing["html"]), (&json!(404), &json!(false)));
}

#[test]
fn no_other_host_is_ever_asked() {
    let site = site();
    let inspect = |body: Value| {
        send(&site, "POST", "/pages/inspect", &body).host("shop.example.com").send()
    };
    inspect(json!({ "url": "https://shop.example.com/?a=1#x" })).is(200);
    inspect(json!({ "url": "http://SHOP.example.com" })).is(200);
    let seen = site.origin().seen().len();
    for url in [
        "https://evil.example/",
        "https://shop.example.com@evil.example/",
        "https://shop.example.com.evil.example/",
        "https://shop.example.com:8080/",
        "https:\\\\evil.example/",
        "//evil.example/",
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "http://[::1]/",
        "https://shop.example.com/\\evil",
        "https://shop.example.com//evil.example/",
        "https://shop.example.com/_edgewise/api/v1/me",
    ] {
        let refused = inspect(json!({ "url": url }));
        assert_eq!(problem(refused.is(422))["errors"][0]["pointer"], "/url", "{url}");
    }
    for path in [
        "//evil.example/",
        "https://evil.example/",
        "x",
        "",
        "/a b",
        "/_edgewise/",
        "/\r\nHost: evil",
    ] {
        let refused = inspect(json!({ "path": path }));
        assert_eq!(problem(refused.is(422))["errors"][0]["pointer"], "/path", "{path}");
    }
    inspect(json!({})).is(422);
    inspect(json!({ "path": "/", "url": "https://shop.example.com/" })).is(422);
    assert_eq!(site.origin().seen().len(), seen, "nothing was asked for");
    let inspected = &site.origin().seen()[0];
    assert!(!inspected.headers.has("authorization") && !inspected.headers.has("cookie"));
}

#[test]
fn selectors_are_counted_on_pages() {
    let site = Site::serving("/", html(PAGE))
        .and("/list", html("<ul><li>1<li>2<li>3</ul>"))
        .without_datafile();
    // One at a time: how many there is time for hangs on the machine.
    let count = |path: &str| {
        let body = json!({ "paths": [path], "selectors": ["h1", "ul > li", "p.lead"] });
        let found = send(&site, "POST", "/pages/match", &body).send().is(200).json();
        let page = &found["pages"][0];
        (page["counts"].clone(), page["stopped"].clone())
    };
    assert_eq!(count("/"), (json!([1, 0, 1]), json!(null)));
    assert_eq!(count("/list"), (json!([0, 3, 0]), json!(null)));
    assert_eq!(count("/none"), (json!(null), json!("not-a-page")));
    let wrong =
        json!({ "paths": ["/"], "selectors": ["h1", "p:has(img)", "x".repeat(513)] });
    let refused = problem(send(&site, "POST", "/pages/match", &wrong).send().is(422));
    assert_eq!(refused["errors"][0]["pointer"], "/selectors/1");
    assert_eq!(
        refused["errors"][0]["hint"],
        "Change the element inside instead, for example \"p img\", or give this one a class."
    );
    assert_eq!(refused["errors"][1]["message"], "the selector has more than 512 bytes");
    for wrong in [
        json!({ "paths": [], "selectors": ["h1"] }),
        json!({ "paths": vec!["/"; 21], "selectors": ["h1"] }),
        json!({ "paths": ["/"], "selectors": vec!["h1"; 201] }),
        json!({ "paths": [1], "selectors": ["h1"] }),
        json!({ "paths": ["//evil.example"], "selectors": ["h1"] }),
    ] {
        send(&site, "POST", "/pages/match", &wrong).send().is(422);
    }
}

#[test]
fn a_huge_page_is_looked_at_no_further_than_it_may_be() {
    let huge = html(format!("<!doctype html>{}", "<p>text</p>".repeat(300_000)));
    let site = Site::serving("/huge", huge).without_datafile();
    let paths = vec!["/huge"; 20];
    let body = json!({ "paths": paths, "selectors": ["p", "h1"] });
    let found = send(&site, "POST", "/pages/match", &body).send().is(200).json();
    let pages = found["pages"].as_array().expect("pages");
    assert_eq!(pages.len(), 20);
    for page in pages {
        let stopped = page["stopped"].as_str().unwrap_or_default();
        assert!(["too-large", "cpu-time", "not-looked-at"].contains(&stopped), "{page}");
    }
}

#[test]
fn the_health_of_an_experiment_is_that_of_its_changes() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    let well = get(&site, "/experiments/hero/health").send().is(200).json();
    assert_eq!(
        (&well["status"], &well["of"], &well["path"]),
        (&json!("ok"), &json!("live"), &json!("/"))
    );
    let change = &well["variants"][0]["changes"][0];
    assert_eq!((&change["matched"], &change["applied"]), (&json!(1), &json!(1)));
    let mut broken = experiment("hero", "x");
    broken["variants"][1]["changes"][0]["selector"] = json!("h2");
    let tag = get(&site, "/experiments/hero")
        .send()
        .headers
        .get("etag")
        .expect("a tag")
        .to_owned();
    send(&site, "PUT", "/experiments/hero", &broken)
        .header("If-Match", &tag)
        .send()
        .is(200);
    let ill = get(&site, "/experiments/hero/health").send().is(200).json();
    assert_eq!((&ill["status"], &ill["of"]), (&json!("broken"), &json!("working copy")));
    assert_eq!(ill["variants"][0]["changes"][0]["matched"], 0);
    transition(&site, "hero", &json!({ "action": "stop" }), 1).is(200);
    get(&site, "/experiments/none/health").send().is(404);
    get(&site, "/experiments/hero/health?path=//evil.example").send().is(422);
}

#[test]
fn a_site_that_does_not_answer_is_told() {
    let site = site().with_dead_origin();
    let refused = send(&site, "POST", "/pages/inspect", &json!({ "path": "/" })).send();
    assert_eq!(problem(refused.is(502))["code"], "site-unreachable");
    let counted = send(
        &site,
        "POST",
        "/pages/match",
        &json!({ "paths": ["/"], "selectors": ["p"] }),
    )
    .send();
    assert_eq!(counted.is(200).json()["pages"][0]["stopped"], "site-unreachable");
}
