//! A datafile as `edgewise publish --compiled` writes it.

use edgewise_wasm_tests::{Published, Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

fn experiment(key: &str, selector: &str, words: &str) -> Value {
    datafile::draft_for_everybody(key, json!([datafile::text(selector, words)]))
}

fn published() -> Published {
    let experiments = [experiment("title", "h1", "One"), experiment("lead", "p", "Two")];
    Published::of_json(json!({ "experiments": experiments }))
}

fn site(datafile: Vec<u8>) -> Site {
    Site::serving("/", html(PAGE)).with_datafile_bytes(datafile)
}

/// Experiment and revision of every exposure.
fn counted(site: &Site) -> Vec<(Value, Value)> {
    let lines = site.logged("exposure");
    let words = |line: &Value| (line["experiment"].clone(), line["revision"].clone());
    lines.iter().map(words).collect()
}

#[test]
fn both_encodings_show_the_same() {
    let Published { json, compiled } = published();
    let shown = [json, compiled].map(|datafile| {
        let site = site(datafile);
        let reply = site.get("/").visitor("alice").send();
        reply.shows("One").shows("Two");
        let expected = ["title", "lead"].map(|key| (json!(key), json!(1)));
        assert_eq!(counted(&site), expected);
        let live = site.get("/_edgewise/api/v1/datafile").with_token().send();
        (reply.body, live.is(200).json())
    });
    assert_eq!(shown[0], shown[1]);
}

#[test]
fn an_experiment_that_cannot_be_read_is_left_out_and_the_others_run() {
    let mut datafile = published().compiled;
    let name = b"Test of title\",";
    let at = datafile.windows(name.len()).position(|window| window == name);
    // The quote behind the name of the first.
    datafile[at.expect("the name of an experiment") + name.len() - 2] = b'\n';
    let site = site(datafile);
    let reply = site.get("/").visitor("alice").send();
    reply.shows("Two").shows("Hi").hides("One");
    assert_eq!(counted(&site), [(json!("lead"), json!(1))]);
    let faults = site.logged("fault");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0]["reason"], "datafile-unreadable");
    let detail = faults[0]["detail"].as_str().expect("a detail");
    assert!(detail.contains("\"title\""), "{detail}");
}

#[test]
fn a_compiled_datafile_that_is_cut_shows_the_page_as_it_is() {
    let whole = published().compiled;
    for length in [8, whole.len() / 4] {
        let site = site(whole[..length].to_vec());
        site.get("/").visitor("alice").send().is_untouched(&html(PAGE));
        assert_eq!(site.faults(), ["datafile-unreadable"]);
    }
}
