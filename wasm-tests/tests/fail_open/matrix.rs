//! Every fault against every kind of request: the page arrives, the API answers in its own words, what scripts tell is
//! taken, the log says why, and nothing about the inside leaves the house.

use std::collections::BTreeMap;
use std::time::Duration;

use edgewise_wasm_tests::{Answer, Reply, Site, datafile, html, raw};
use serde_json::json;

const PAGE: &str = "<!doctype html><h1>Hi</h1><p>We sell things</p>";

/// What a visitor gets of the page.
#[derive(Clone, Copy, PartialEq)]
enum Page {
    Rewritten,
    AsItIs,
    /// The origin's own error page.
    OwnError(u16),
    /// A short page of ours.
    Short,
}

use Page::{AsItIs, OwnError, Rewritten, Short};

struct Fault {
    name: &'static str,
    site: fn() -> Site,
    page: Page,
    /// Of `GET /off`, which asks nothing of the origin.
    read: u16,
    /// Of `PUT /off`, which writes.
    write: u16,
    /// What the log says, at least once and no more often than it was met.
    reasons: &'static [&'static str],
    /// Whether each request meets it anew; otherwise a sandbox meets it once.
    each_time: bool,
}

fn whole() -> Site {
    served(html(PAGE))
}

fn served(answer: Answer) -> Site {
    Site::serving("/", answer)
        .without_datafile()
        .with_live(datafile::headline("Start free"))
}

fn empty() -> Site {
    Site::serving("/", html(PAGE)).without_datafile()
}

fn of_another_age(field: &str) -> Site {
    let mut datafile = datafile::headline("Start free");
    datafile[field] = json!(99);
    empty().with_live(datafile)
}

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn of_the_store() -> Vec<Fault> {
    let store = |name, site, read, write, reason| Fault {
        name,
        site,
        page: AsItIs,
        read,
        write,
        reasons: reason,
        each_time: false,
    };
    vec![
        store(
            "no KV store",
            || empty().without_kv_store(),
            503,
            503,
            &["datafile-missing"],
        ),
        store("nothing published", empty, 200, 200, &["datafile-missing"]),
        store(
            "a pointer that is none",
            || empty().with_stored("live", "{\"sch"),
            200,
            200,
            &["datafile-unreadable"],
        ),
        store(
            "a pointer into the void",
            || empty().with_pointer(&json!(9), HASH),
            200,
            200,
            &["datafile-missing"],
        ),
        store(
            "a datafile that is another",
            || {
                empty()
                    .with_pointer(&json!(9), HASH)
                    .with_stored(&format!("datafile-{HASH}"), "{}")
            },
            200,
            200,
            &["datafile-unreadable"],
        ),
        store(
            "another schema",
            || of_another_age("schema_version"),
            200,
            200,
            &["datafile-unreadable"],
        ),
        store(
            "another hash",
            || of_another_age("hash_version"),
            200,
            200,
            &["datafile-unreadable"],
        ),
    ]
}

fn of_the_rest() -> Vec<Fault> {
    let origin = |name, site, page, reasons| Fault {
        name,
        site,
        page,
        read: 200,
        write: 200,
        reasons,
        each_time: true,
    };
    vec![
        Fault {
            name: "no secrets",
            site: || whole().without_secrets(),
            page: Rewritten,
            read: 503,
            write: 503,
            reasons: &["secret-missing"],
            each_time: true,
        },
        origin(
            "the origin is down",
            || whole().with_dead_origin(),
            Short,
            &["origin-unreachable"],
        ),
        origin(
            "the origin is slow",
            || {
                served(html(PAGE).thinking(Duration::from_secs(5)))
                    .with_origin_patience(200)
            },
            Short,
            &["origin-unreachable"],
        ),
        origin(
            "the origin fails",
            || served(html("down").status(503)),
            OwnError(503),
            &[],
        ),
        origin(
            "the origin speaks no HTTP",
            || served(raw("SSH-2.0-OpenSSH_9.9\r\n\r\n")),
            Short,
            &["origin-unreachable"],
        ),
        origin(
            "the origin says nothing",
            || served(raw("")),
            Short,
            &["origin-unreachable"],
        ),
    ]
}

/// Words that only somebody inside would know.
const INSIDE: [&str; 12] = [
    "panicked",
    "backtrace",
    "wasm",
    "viceroy",
    "fastly",
    "127.0.0.1",
    "SendError",
    "secret store",
    "KV store",
    "datafile-",
    "KVStoreError",
    "signing-key",
];

#[track_caller]
fn gives_nothing_away(reply: &Reply) {
    for words in INSIDE {
        reply.hides(words);
    }
}

#[test]
fn every_fault_meets_every_kind_of_request() {
    for fault in of_the_store().into_iter().chain(of_the_rest()) {
        let site = (fault.site)();
        println!("{}", fault.name);
        for visitor in ["alice", "bob", "carol"] {
            let reply = site.get("/").visitor(visitor).navigating().send();
            match fault.page {
                Rewritten => drop(reply.shows("Start free")),
                AsItIs => drop(reply.is_untouched(&html(PAGE))),
                OwnError(status) => drop(reply.is(status).holds("down")),
                Short => {
                    assert!(matches!(reply.status, 502..=504), "{}", reply.brief());
                    assert!(reply.body.len() < 500, "{}", reply.brief());
                    reply.has("cache-control", "no-store");
                }
            }
            gives_nothing_away(&reply);
        }
        let kept = r#"[{"change":"headline/benefit/1","state":"kept"}]"#;
        gives_nothing_away(site.post("/_edgewise/kept", kept).send().is(204));

        let read = site.get("/_edgewise/api/v1/off").with_token().send();
        read.is(fault.read);
        let nobody = site.get("/_edgewise/api/v1/off").send();
        assert!(matches!(nobody.status, 401 | 503), "{}", nobody.brief());
        gives_nothing_away(&nobody);
        let off = site.request("PUT", "/_edgewise/api/v1/off").with_token();
        let off = off.header("Content-Type", "application/json");
        off.body(r#"{"why": "a rehearsal"}"#).send().is(fault.write);

        let mut said = BTreeMap::new();
        for line in site.logged("fault") {
            let reason = line["reason"].as_str().unwrap_or_default().to_owned();
            *said.entry(reason).or_insert(0) += 1;
        }
        let reasons: Vec<_> = said.keys().map(String::as_str).collect();
        assert_eq!(reasons, fault.reasons, "{}", fault.name);
        // Requests come to more than one sandbox, and each says what it meets once.
        let most = if fault.each_time { 7 } else { 3 };
        assert!(said.values().all(|times| *times <= most), "{}: {said:?}", fault.name);
        if fault.page != Rewritten {
            assert_eq!(site.logged("exposure").len(), 0, "{}", fault.name);
        }
    }
}
