//! The web app, served by the module itself.

use edgewise_wasm_tests::{Reply, Site, html};
use flate2::read::GzDecoder;
use std::io::Read as _;

use crate::PAGE;

fn site() -> Site {
    Site::serving("/", html(PAGE))
}

/// The files that the app's page names.
fn assets(page: &Reply) -> Vec<String> {
    let text = page.text();
    let mut found: Vec<_> = text
        .split(['"', '\''])
        .filter(|word| word.starts_with("/_edgewise/") && word.contains('.'))
        .map(str::to_owned)
        .collect();
    found.dedup();
    found
}

fn is_script(path: &str) -> bool {
    path.rsplit('.').next() == Some("js")
}

#[test]
fn the_app_has_a_strict_policy() {
    let site = site();
    for path in ["/_edgewise/", "/_edgewise/experiments/home-headline"] {
        let reply = site.get(path).navigating().send();
        reply.is(200);
        let kind = reply.headers.get("content-type").unwrap_or_default();
        assert!(kind.starts_with("text/html"), "{path}: {kind}");
        let policy = reply.headers.all("content-security-policy").join("; ");
        for words in ["default-src", "script-src", "frame-ancestors 'none'"] {
            assert!(policy.contains(words), "{words} in {policy}");
        }
        for words in ["unsafe-inline", "'unsafe-eval'", "http:", "*"] {
            assert!(!policy.contains(words), "{words} in {policy}");
        }
        // Pictures may come from anywhere, as those of a page in a preview do; nothing else.
        let elsewhere = policy.split(';').filter(|part| part.contains("https:"));
        assert!(
            elsewhere.clone().all(|part| part.trim().starts_with("img-src")),
            "{policy}"
        );
        assert_eq!(reply.headers.get("x-content-type-options"), Some("nosniff"));
        assert!(reply.headers.has("referrer-policy"));
        // Nobody who opened it, or whom it opens, gets hold of its window.
        reply.has("cross-origin-opener-policy", "same-origin");
        let directives: Vec<_> = policy.split(';').map(str::trim).collect();
        for words in ["require-trusted-types-for 'script'", "trusted-types 'none'"] {
            assert!(directives.contains(&words), "{words} in {policy}");
        }
    }
    assert!(site.origin().seen().is_empty(), "the origin has nothing to do with it");
}

#[test]
fn its_files_are_there_and_never_change() {
    let site = site();
    let page = site.get("/_edgewise/").send();
    let assets = assets(&page);
    assert!(assets.iter().any(|path| is_script(path)), "{}", page.brief());
    for path in assets {
        let reply = site.get(&path).send();
        reply.is(200).has("x-content-type-options", "nosniff");
        if path.contains("/assets/") {
            let caching = reply.headers.all("cache-control").join(", ");
            assert!(caching.contains("immutable"), "{path}: {caching}");
        }
        let kind = reply.headers.get("content-type").unwrap_or_default().to_owned();
        if is_script(&path) {
            assert!(kind.starts_with("text/javascript"), "{path}: {kind}");
        }
    }
}

#[test]
fn files_come_as_small_as_the_browser_can_take_them() {
    let site = site();
    let accepting = |path: &str, encodings: &str| {
        let reply = site.get(path).header("Accept-Encoding", encodings).send();
        let vary = reply.is(200).headers.all("vary").join(",").to_lowercase();
        assert!(vary.contains("accept-encoding"), "{vary}");
        (reply.headers.get("content-encoding").map(str::to_owned), reply.body)
    };
    let index = "/_edgewise/";
    let (none, plain) = accepting(index, "identity");
    assert_eq!(none, None);
    let (gzip, packed) = accepting(index, "gzip, deflate");
    assert_eq!(gzip.as_deref(), Some("gzip"));
    let mut unpacked = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).expect("gzip");
    assert!(unpacked == plain, "the compressed file is another");
    assert_eq!(accepting(index, "br;q=0, gzip").0.as_deref(), Some("gzip"));
    assert_eq!(accepting(index, "gzip;q=0").0, None);

    let page = site.get(index).send();
    let script = assets(&page).into_iter().find(|path| is_script(path));
    let script = script.expect("the page names its script");
    let (gzip, packed) = accepting(&script, "gzip, deflate");
    let (brotli, smallest) = accepting(&script, "gzip, deflate, br, zstd");
    assert_eq!((gzip.as_deref(), brotli.as_deref()), (Some("gzip"), Some("br")));
    assert!(smallest.len() < packed.len());
}

#[test]
fn what_is_not_there_is_not_the_apps_page() {
    let site = site();
    for path in ["/_edgewise/assets/none.js", "/_edgewise/none.css"] {
        let reply = site.get(path).send();
        reply.is(404);
        let kind = reply.headers.get("content-type").unwrap_or_default();
        assert!(!kind.contains("javascript"), "{path}: {kind}");
    }
    assert!(site.origin().seen().is_empty());
}

#[test]
fn the_apps_door_has_a_slash() {
    let reply = site().get("/_edgewise").send();
    assert!(matches!(reply.status, 301 | 302 | 307 | 308), "{}", reply.brief());
    reply.has("location", "/_edgewise/");
}

#[test]
fn frames_run_no_scripts() {
    let reply = site().get("/_edgewise/frame").send();
    reply.is(200);
    let policy = reply.headers.all("content-security-policy").join("; ");
    for words in ["script-src 'none'", "frame-ancestors 'self'"] {
        assert!(policy.contains(words), "{words} in {policy}");
    }
}

#[test]
fn paths_that_only_look_like_ours_are_the_origins() {
    let site = site();
    site.get("/_edgewise-other/x").send().is(404);
    site.get("/a/_edgewise/").send().is(404);
    assert_eq!(site.origin().seen().len(), 2);
}
