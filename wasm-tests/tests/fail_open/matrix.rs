//! Every fault against every kind of request: the page arrives, the API answers in its own words, what scripts tell is
//! taken, the log says why, and nothing about the inside leaves the house.

use edgewise_wasm_tests::{Reply, Request, Site, datafile, html};
use serde_json::{Value, json};

use crate::faults::{Fault, Meets, PAGE, Page, of_the_rest, of_the_store};

/// Words that only somebody inside would know.
const INSIDE: [&str; 7] = [
    "panicked",
    "backtrace",
    "wasm",
    "viceroy",
    "127.0.0.1",
    "SendError",
    "KVStoreError",
];

/// Words for those who run the service.
const OF_THE_SERVICE: [&str; 5] =
    ["fastly", "secret store", "KV store", "datafile-", "signing-key"];

/// To somebody who may use the API.
#[track_caller]
fn gives_nothing_away(reply: &Reply) {
    for words in INSIDE {
        reply.hides(words);
    }
}

/// To anybody.
#[track_caller]
fn tells_strangers_nothing(reply: &Reply) {
    gives_nothing_away(reply);
    for words in OF_THE_SERVICE {
        reply.hides(words);
    }
}

/// How often the log says why, of all the faults it says.
#[track_caller]
fn said(site: &Site, fault: &Fault) -> usize {
    let faults = site.logged("fault");
    let other = faults.iter().find(|line| line["reason"] != fault.reason);
    assert_eq!(other, None, "{}", fault.name);
    faults.len()
}

/// Three visitors and a script.
fn visit(site: &Site, fault: &Fault) {
    for visitor in ["alice", "bob", "carol"] {
        let reply = site.get("/").visitor(visitor).navigating().send();
        match fault.page {
            Page::Rewritten => drop(reply.shows("Start free")),
            Page::AsItIs => drop(reply.is_untouched(&html(PAGE))),
            Page::OwnError(status) => drop(reply.is(status).holds("down")),
            Page::Short => {
                assert!(matches!(reply.status, 502..=504), "{}", reply.brief());
                assert!(reply.body.len() < 500, "{}", reply.brief());
                reply.has("cache-control", "no-store");
            }
        }
        tells_strangers_nothing(&reply);
        // So that the sandbox waits for the next request before it comes.
        drop(site.log());
    }
    let kept = r#"[{"change":"headline/benefit/1","state":"kept"}]"#;
    tells_strangers_nothing(site.post("/_edgewise/kept", kept).send().is(204));

    let lines = site.logged("kept");
    assert_eq!(lines.len(), usize::from(fault.is_known), "{}: {lines:?}", fault.name);
    let exposed = if fault.page == Page::Rewritten { 3 } else { 0 };
    assert_eq!(site.logged("exposure").len(), exposed, "{}", fault.name);
    let expected = match fault.met_by {
        _ if fault.reason.is_empty() => 0,
        Meets::Sandbox => site.sandboxes(),
        Meets::Page => 3,
        Meets::Caller => 0,
    };
    assert_eq!(said(site, fault), expected, "{}", fault.name);
}

/// One call of each sort, by an admin.
fn calls(site: &Site) -> [(&'static str, Request<'_>); 13] {
    let call = |method: &str, path: &str| {
        site.request(method, &format!("/_edgewise/api/v1{path}")).with_token()
    };
    let send = |method: &str, path: &str, body: &Value| {
        let request = call(method, path).header("Content-Type", "application/json");
        request.header("If-Match", "*").body(body.to_string())
    };
    let changes = json!([datafile::text("h1", "Begin today")]);
    let draft =
        json!({ "experiments": [datafile::draft_for_everybody("hero", changes)] });
    let visit = json!({ "visitor": "alice", "url": "https://www.example.com/" });
    [
        ("off", call("GET", "/off")),
        ("live", call("GET", "/live")),
        ("draft", call("GET", "/draft")),
        ("datafile", call("GET", "/datafile")),
        ("history", call("GET", "/history")),
        ("experiments", call("GET", "/experiments")),
        ("health", call("GET", "/health")),
        ("inspect", send("POST", "/pages/inspect", &json!({ "path": "/" }))),
        (
            "decisions",
            call("POST", "/decisions")
                .header("Content-Type", "application/x-ndjson")
                .body(visit.to_string()),
        ),
        ("session", send("POST", "/session", &json!({}))),
        (
            "publish",
            send("PUT", "/live", &json!({ "draft": draft, "why": "a rehearsal" })),
        ),
        ("rollback", send("POST", "/live/rollback", &json!({ "revision": 7 }))),
        ("switch", send("PUT", "/off", &json!({ "why": "a rehearsal" }))),
    ]
}

fn call(site: &Site, fault: &Fault) {
    let mut refused = Vec::new();
    for (name, request) in calls(site) {
        let reply = request.send();
        gives_nothing_away(&reply);
        let kind = reply.headers.get("content-type");
        if kind == Some("application/problem+json") {
            let problem = reply.json();
            let code = problem["code"].as_str().expect("a code").to_owned();
            refused.push((name, reply.status, code));
        } else if reply.status >= 300 {
            refused.push((name, reply.status, String::new()));
        }
        drop(site.log());
    }
    let told: Vec<_> = refused
        .iter()
        .map(|(name, status, code)| (*name, *status, code.as_str()))
        .collect();
    assert_eq!(told, fault.refused, "{}", fault.name);
    let nobody = site.get("/_edgewise/api/v1/off").send();
    assert!(matches!(nobody.status, 401 | 503), "{}", nobody.brief());
    tells_strangers_nothing(&nobody);

    let (said, sandboxes) = (said(site, fault), site.sandboxes());
    match fault.met_by {
        _ if fault.reason.is_empty() => assert_eq!(said, 0, "{}", fault.name),
        // Three visitors, and who inspects the page.
        Meets::Page => assert_eq!(said, 4, "{}", fault.name),
        Meets::Sandbox | Meets::Caller => {
            assert!(
                (1..=sandboxes).contains(&said),
                "{}: {said} of {sandboxes}",
                fault.name
            );
        }
    }
}

fn meets_every_kind_of_request(faults: Vec<Fault>) {
    for fault in faults {
        let site = (fault.site)();
        visit(&site, &fault);
        call(&site, &fault);
    }
}

#[test]
fn every_fault_of_the_store_meets_every_kind_of_request() {
    meets_every_kind_of_request(of_the_store());
}

#[test]
fn every_fault_of_the_rest_meets_every_kind_of_request() {
    meets_every_kind_of_request(of_the_rest());
}
