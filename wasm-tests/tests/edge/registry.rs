//! What a sandbox makes of what lies in the KV store: the pointer, what it points to, and the kill switch.

use edgewise_wasm_tests::{Published, Site, datafile, html, sha256};
use serde_json::{Value, json};

use crate::PAGE;

/// A site with nothing in its store but what a test puts there.
fn site() -> Site {
    Site::serving("/", html(PAGE)).without_datafile()
}

/// Visits the page a few times, in more than one sandbox: it goes out as it came, and the log says once in each sandbox
/// why.
#[track_caller]
fn untouched(site: &Site, reason: &str, words: &str) {
    for _ in 0..3 {
        site.get("/").visitor("alice").send().is_untouched(&html(PAGE));
    }
    said_once(site, reason, words);
}

#[track_caller]
fn said_once(site: &Site, reason: &str, words: &str) {
    let faults = site.logged("fault");
    assert!(!faults.is_empty(), "no fault");
    // Each request may come to a sandbox of its own, and each sandbox says it.
    assert!(faults.len() <= 3, "{faults:?}");
    for fault in faults {
        assert_eq!(fault["reason"], reason, "{fault}");
        let detail = fault["detail"].as_str().expect("a detail");
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn the_datafile_that_the_pointer_points_to_is_served() {
    let site = site().with_live(datafile::headline("Start free"));
    for visitor in ["alice", "bob"] {
        site.get("/").visitor(visitor).send().shows("Start free");
    }
    let exposures = site.logged("exposure");
    assert_eq!(exposures.len(), 2);
    assert_eq!(exposures[0]["revision"], 7);
    assert_eq!(site.faults(), [] as [&str; 0]);
}

#[test]
fn a_compiled_datafile_too() {
    let changes = json!([datafile::text("h1", "Start free")]);
    let experiment = datafile::draft_for_everybody("headline", changes);
    let draft = json!({ "experiments": [experiment] });
    let compiled = Published::of_json(draft).compiled;
    let hash = sha256(&compiled);
    let site = site()
        .with_stored(&format!("datafile-{hash}"), compiled)
        .with_pointer(&json!(1), &hash);
    site.get("/").visitor("alice").send().shows("Start free");
    assert_eq!(site.faults(), [] as [&str; 0]);
}

#[test]
fn what_was_published_wins_over_what_was_put_there_by_hand() {
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::headline("By hand"))
        .with_live(datafile::headline("Published"));
    site.get("/").visitor("alice").send().shows("Published");
}

#[test]
fn a_service_in_which_nothing_was_published_says_so() {
    untouched(&site(), "datafile-missing", "nothing has been published");
}

#[test]
fn a_pointer_that_is_none() {
    let known = sha256(b"");
    let pointer = |version: u32, datafile: &str| {
        let pointer = json!({"schema_version": version, "revision": 7, "datafile": datafile, "record": known});
        pointer.to_string()
    };
    let broken = [
        (String::new(), "cannot be read"),
        ("{\"schema_version\": 1".to_owned(), "cannot be read"),
        ("\0".repeat(100_000), "it has more than 16384 bytes"),
        (pointer(2, &known), "its schema_version is 2, and this engine reads 1"),
        (pointer(1, "../off"), "its \"datafile\" is not a SHA-256"),
    ];
    for (pointer, words) in broken {
        // Not even what was put there by hand is served: it is older than any pointer.
        let site = Site::serving("/", html(PAGE))
            .with_datafile(datafile::headline("By hand"))
            .with_stored("live", &pointer);
        untouched(&site, "datafile-unreadable", words);
    }
}

#[test]
fn a_pointer_to_what_is_not_there() {
    let site = site().with_pointer(&json!(12), &sha256(b"gone"));
    untouched(&site, "datafile-missing", "revision 12 is live, and its key \"datafile-");
}

#[test]
fn a_pointer_to_what_is_not_what_was_filed() {
    let good = datafile::headline("Start free").to_string();
    let hash = sha256(good.as_bytes());
    let forged = good.replace("Start free", "Hacked");
    let site = site()
        .with_stored(&format!("datafile-{hash}"), forged)
        .with_pointer(&json!(7), &hash);
    untouched(&site, "datafile-unreadable", "so it is not what was filed");
}

#[test]
fn a_pointer_with_the_number_of_another_datafile() {
    let good = datafile::headline("Start free").to_string();
    let hash = sha256(good.as_bytes());
    let site = site()
        .with_stored(&format!("datafile-{hash}"), good)
        .with_pointer(&json!(8), &hash);
    untouched(
        &site,
        "datafile-unreadable",
        "it points to the datafile of revision 7 as 8",
    );
}

#[test]
fn a_pointer_to_a_datafile_for_another_engine() {
    let mut old = datafile::headline("Start free");
    old["schema_version"] = json!(0);
    let site = site().with_live(old);
    untouched(
        &site,
        "datafile-unreadable",
        "schema_version is 0, and this engine reads 1",
    );
}

#[test]
fn a_datafile_larger_than_the_edge_takes() {
    let mut large = datafile::headline("Start free");
    large["experiments"][0]["name"] = json!("x".repeat(2 * 1024 * 1024));
    let site = site().with_live(large);
    untouched(&site, "datafile-unreadable", "more than 2097152");
}

#[test]
fn while_the_kill_switch_is_thrown_no_experiment_runs() {
    let live = datafile::headline("Start free");
    for note in
        ["", "anything", r#"{"at":"2026-11-21T12:00:00Z","by":"ada","why":"slow"}"#]
    {
        let site = site().with_live(live.clone()).with_stored("off", note);
        for _ in 0..2 {
            site.get("/").visitor("alice").send().is_untouched(&html(PAGE));
        }
        // What is live is still told.
        let told = site.get("/_edgewise/api/v1/datafile").with_token().send();
        assert_eq!(told.is(200).json()["revision"], 7);
        let lines = site.logged("switch");
        assert!((1..=3).contains(&lines.len()), "{lines:?}");
        assert_eq!(lines[0]["state"], "off");
        let by = if note.starts_with('{') { "ada" } else { "" };
        assert_eq!(lines[0]["by"], by);
        assert_eq!(site.faults(), [] as [&str; 0]);
        assert_eq!(site.logged("exposure"), [] as [Value; 0]);
    }
}

#[test]
fn the_kill_switch_is_seen_where_the_pointer_is_broken() {
    let site = site().with_stored("live", "{").with_stored("off", "");
    site.get("/").visitor("alice").send().is_untouched(&html(PAGE));
    assert_eq!(site.logged("switch").len(), 1);
    assert_eq!(site.faults(), ["datafile-unreadable"]);
}
