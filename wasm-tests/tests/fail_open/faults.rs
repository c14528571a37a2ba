//! What can be missing, broken or late around the module, as far as the local runtime can show it.

use std::time::Duration;

use edgewise_wasm_tests::{Answer, Site, datafile, html, raw};
use serde_json::{Value, json};

pub(crate) const PAGE: &str = "<!doctype html><h1>Hi</h1><p>We sell things</p>";

/// What a visitor gets of the page.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Page {
    Rewritten,
    AsItIs,
    /// The origin's own error page.
    OwnError(u16),
    /// A short page of ours.
    Short,
}

use Page::{AsItIs, OwnError, Rewritten, Short};

/// Who meets a fault.
#[derive(Clone, Copy)]
pub(crate) enum Meets {
    /// Each sandbox, once, and says so once.
    Sandbox,
    /// Each request that asks the origin for something.
    Page,
    /// Each sandbox that is asked by somebody with a token, once.
    Caller,
}

pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) site: fn() -> Site,
    pub(crate) page: Page,
    /// Whether the datafile is good, so that what scripts tell is about something.
    pub(crate) is_known: bool,
    /// What the log says; nothing if empty.
    pub(crate) reason: &'static str,
    pub(crate) met_by: Meets,
    /// The calls of the API that do not succeed.
    pub(crate) refused: Refused,
}

fn whole() -> Site {
    served(html(PAGE))
}

/// What was published, by the book.
fn live() -> Value {
    datafile::headline("Start free")
}

fn draft() -> Value {
    let changes = json!([datafile::text("h1", "Start free")]);
    json!({ "experiments": [datafile::draft_for_everybody("headline", changes)] })
}

fn served(answer: Answer) -> Site {
    Site::serving("/", answer).without_datafile().with_record(&live(), &draft())
}

fn empty() -> Site {
    Site::serving("/", html(PAGE)).without_datafile()
}

fn of_another_age(field: &str, version: u32) -> Site {
    let mut datafile = live();
    datafile[field] = json!(version);
    empty().with_record(&datafile, &draft())
}

/// How calls end that do not succeed: which, the status, and the code of the problem, if it is one.
type Refused = &'static [(&'static str, u16, &'static str)];

const WITHOUT_STORE: Refused = &[
    ("off", 503, "not-set-up"),
    ("live", 503, "not-set-up"),
    ("draft", 503, "not-set-up"),
    ("datafile", 404, "not-found"),
    ("history", 503, "not-set-up"),
    ("experiments", 503, "not-set-up"),
    ("health", 503, ""),
    ("decisions", 404, "not-found"),
    ("publish", 503, "not-set-up"),
    ("rollback", 503, "not-set-up"),
    ("switch", 503, "not-set-up"),
];

const WITHOUT_ANYTHING_PUBLISHED: Refused = &[
    ("draft", 404, "not-found"),
    ("datafile", 404, "not-found"),
    ("health", 503, ""),
    ("decisions", 404, "not-found"),
    ("rollback", 404, "not-found"),
];

const WITHOUT_POINTER: Refused = &[
    ("live", 503, "store-unreadable"),
    ("draft", 503, "store-unreadable"),
    ("datafile", 404, "not-found"),
    ("history", 503, "store-unreadable"),
    ("experiments", 503, "store-unreadable"),
    ("health", 503, ""),
    ("decisions", 404, "not-found"),
    ("publish", 503, "store-unreadable"),
    ("rollback", 503, "store-unreadable"),
];

const WITH_TOO_MUCH: Refused = &[
    ("live", 503, "store-failed"),
    ("draft", 503, "store-failed"),
    ("datafile", 404, "not-found"),
    ("history", 503, "store-failed"),
    ("experiments", 503, "store-failed"),
    ("health", 503, ""),
    ("decisions", 404, "not-found"),
    ("publish", 503, "store-failed"),
    ("rollback", 503, "store-failed"),
];

const WITHOUT_DATAFILE: Refused = &[
    ("datafile", 404, "not-found"),
    ("health", 503, ""),
    ("decisions", 404, "not-found"),
    ("publish", 503, "store-unreadable"),
    ("rollback", 409, "not-allowed"),
];

const WITHOUT_HISTORY: Refused = &[
    ("live", 503, "store-unreadable"),
    ("draft", 503, "store-unreadable"),
    ("history", 503, "store-unreadable"),
    ("experiments", 503, "store-unreadable"),
    ("publish", 503, "store-unreadable"),
    ("rollback", 409, "not-allowed"),
];

const WITHOUT_TOKENS: Refused = &[
    ("off", 503, "not-set-up"),
    ("live", 503, "not-set-up"),
    ("draft", 503, "not-set-up"),
    ("datafile", 503, "not-set-up"),
    ("history", 503, "not-set-up"),
    ("experiments", 503, "not-set-up"),
    ("health", 503, "not-set-up"),
    ("inspect", 503, "not-set-up"),
    ("decisions", 503, "not-set-up"),
    ("session", 503, "not-set-up"),
    ("publish", 503, "not-set-up"),
    ("rollback", 503, "not-set-up"),
    ("switch", 503, "not-set-up"),
];

const WITHOUT_KEY: Refused = &[("health", 503, ""), ("session", 503, "not-set-up")];

const WITHOUT_ORIGIN: Refused = &[("inspect", 502, "site-unreachable")];

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Of the store and of what lies there.
pub(crate) fn of_the_store() -> Vec<Fault> {
    let store = |name, site, reason, refused| Fault {
        name,
        site,
        page: AsItIs,
        is_known: false,
        reason,
        met_by: Meets::Sandbox,
        refused,
    };
    vec![
        store(
            "no KV store",
            || empty().without_kv_store(),
            "datafile-missing",
            WITHOUT_STORE,
        ),
        store("nothing published", empty, "datafile-missing", WITHOUT_ANYTHING_PUBLISHED),
        store(
            "a pointer that is none",
            || empty().with_stored("live", "{\"sch"),
            "datafile-unreadable",
            WITHOUT_POINTER,
        ),
        store(
            "a pointer into the void",
            || empty().with_pointer(&json!(9), HASH),
            "datafile-missing",
            WITHOUT_POINTER,
        ),
        store(
            "a pointer of 3 MiB",
            || empty().with_stored("live", vec![b' '; 3 << 20]),
            "datafile-unreadable",
            WITH_TOO_MUCH,
        ),
        store(
            "a datafile that is another",
            || {
                empty()
                    .with_pointer(&json!(9), HASH)
                    .with_stored(&format!("datafile-{HASH}"), "{}")
            },
            "datafile-unreadable",
            WITHOUT_POINTER,
        ),
        store(
            "a schema to come",
            || of_another_age("schema_version", 99),
            "datafile-unreadable",
            WITHOUT_DATAFILE,
        ),
        store(
            "a schema of old",
            || of_another_age("schema_version", 0),
            "datafile-unreadable",
            WITHOUT_DATAFILE,
        ),
        store(
            "another hash",
            || of_another_age("hash_version", 99),
            "datafile-unreadable",
            WITHOUT_DATAFILE,
        ),
        Fault {
            page: Rewritten,
            is_known: true,
            ..store(
                "a history that is gone",
                || empty().with_live(live()),
                "",
                WITHOUT_HISTORY,
            )
        },
    ]
}

/// Of the secrets and of the origin.
pub(crate) fn of_the_rest() -> Vec<Fault> {
    let secret = |name, site, refused| Fault {
        name,
        site,
        page: Rewritten,
        is_known: true,
        reason: "secret-missing",
        met_by: Meets::Caller,
        refused,
    };
    let origin = |name, site, page, reason, refused| Fault {
        name,
        site,
        page,
        is_known: true,
        reason,
        met_by: Meets::Page,
        refused,
    };
    vec![
        Fault { reason: "", ..secret("nothing is wrong", whole, &[]) },
        secret("no secrets", || whole().without_secrets(), WITHOUT_TOKENS),
        secret(
            "no list of tokens",
            || whole().without_secret("access-tokens"),
            WITHOUT_TOKENS,
        ),
        secret(
            "no key to sign with",
            || whole().without_secret("signing-key"),
            WITHOUT_KEY,
        ),
        origin(
            "the origin is down",
            || whole().with_dead_origin(),
            Short,
            "origin-unreachable",
            WITHOUT_ORIGIN,
        ),
        origin(
            "the origin is slow",
            || {
                served(html(PAGE).thinking(Duration::from_secs(5)))
                    .with_origin_patience(200)
            },
            Short,
            "origin-unreachable",
            WITHOUT_ORIGIN,
        ),
        origin(
            "the origin fails",
            || served(html("down").status(503)),
            OwnError(503),
            "",
            &[],
        ),
        origin(
            "the origin speaks no HTTP",
            || served(raw("SSH-2.0-OpenSSH_9.9\r\n\r\n")),
            Short,
            "origin-unreachable",
            WITHOUT_ORIGIN,
        ),
        origin(
            "the origin says nothing",
            || served(raw("")),
            Short,
            "origin-unreachable",
            WITHOUT_ORIGIN,
        ),
    ]
}
