//! Parts that are missing or broken: the datafile, the stores, the origin.

use edgewise_wasm_tests::{Site, datafile, html};
use serde_json::{Value, json};

use crate::one_fault;

const PAGE: &str = "<h1>Hi</h1><p>We sell things</p>";

#[track_caller]
fn untouched_with_one_fault(site: impl FnOnce(Site) -> Site, reasons: &[&str]) {
    let page = html(PAGE).header("ETag", "\"v1\"").header("Set-Cookie", "a=1");
    let site = site(Site::serving("/", page.clone()));
    site.get("/").visitor("alice").navigating().send().is_untouched(&page);
    one_fault(&site, reasons);
}

#[test]
fn no_datafile() {
    untouched_with_one_fault(Site::without_datafile, &["datafile-missing"]);
}

#[test]
fn no_store() {
    let reasons = ["datafile-missing", "datafile-unreadable", "store-missing"];
    untouched_with_one_fault(Site::without_kv_store, &reasons);
}

#[test]
fn a_datafile_that_was_cut() {
    untouched_with_one_fault(Site::with_broken_datafile, &["datafile-unreadable"]);
}

#[test]
fn a_datafile_that_is_none() {
    for bytes in ["", "{}", "<html>"] {
        let broken = |site: Site| site.with_datafile_bytes(bytes);
        untouched_with_one_fault(broken, &["datafile-unreadable"]);
    }
}

#[test]
fn a_datafile_for_another_engine() {
    for (field, version) in [("schema_version", 2), ("hash_version", 99)] {
        let mut datafile = datafile::headline("Start free");
        datafile[field] = json!(version);
        untouched_with_one_fault(
            |site| site.with_datafile(datafile),
            &["datafile-unreadable"],
        );
    }
}

#[test]
fn a_datafile_with_a_selector_that_is_none() {
    let mut datafile = datafile::headline("Start free");
    let changes = &mut datafile["experiments"][0]["variants"][1]["changes"];
    changes[0]["selector"] = json!("h1 + p >");
    untouched_with_one_fault(
        |site| site.with_datafile(datafile),
        &["datafile-unreadable"],
    );
}

#[test]
fn no_secrets_and_pages_are_edited_all_the_same() {
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::headline("Start free"))
        .without_secrets();
    site.get("/").visitor("alice").send().shows("Start free");
    let link = "/?_edgewise=headline.control.4102444800.0123456789abcdef0123456789abcdef";
    site.get(link).visitor("alice").send().shows("Start free");
    assert_eq!(site.logged("exposure").len(), 2);
    assert_eq!(site.origin().seen()[1].target, "/");
}

#[test]
fn a_dead_origin() {
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::headline("Start free"))
        .with_dead_origin();
    let paths = ["/", "/about", "/app.css"];
    for path in paths {
        let reply = site.get(path).visitor("alice").send();
        reply.is(502);
        assert!(reply.body.len() < 2_000, "a short page: {}", reply.brief());
        // Nothing about the inside may leave the house.
        for words in ["127.0.0.1", "panicked", "fastly", "SendError", "wasm"] {
            reply.hides(words);
        }
        let caching = reply.headers.all("cache-control").join(", ");
        assert!(caching.contains("no-store"), "{caching}");
    }
    assert_eq!(site.faults(), ["origin-unreachable"; 3]);
    let faults = site.logged("fault");
    let pages: Vec<_> = faults.iter().map(|fault| fault["page"].as_str()).collect();
    assert_eq!(pages, paths.map(Some));
    assert_eq!(site.logged("exposure"), [] as [Value; 0]);
}

#[test]
fn a_fault_is_said_again_only_when_it_happens_again() {
    let page = html(PAGE);
    let site = Site::serving("/", page.clone()).without_datafile();
    for _ in 0..4 {
        site.get("/").visitor("alice").send().is_untouched(&page);
    }
    let faults = site.faults();
    assert!((1..=4).contains(&faults.len()), "{faults:?}");
}
