//! Layers and holdouts: the page shows what the API says of the same visitor.

use edgewise_wasm_tests::{Answer, Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

const VISITORS: usize = 12;

fn page() -> Answer {
    html(PAGE).header("ETag", "\"v1\"")
}

/// Which variant of each experiment the API says that a visitor sees, and why not.
fn decided(site: &Site, visitor: &str) -> Vec<(Value, Value)> {
    let visit = json!({ "visitor": visitor, "url": "http://example.com/" });
    let request = site.post("/_edgewise/api/v1/decisions", visit.to_string());
    let reply = request.with_token().send();
    let reply = reply.is(200).json();
    let decisions = reply["decisions"].as_array().expect("a list");
    decisions.iter().map(|one| (one["variant"].clone(), one["reason"].clone())).collect()
}

#[test]
fn who_is_held_out_sees_the_page_as_it_is() {
    let mut datafile = datafile::headline("Start free");
    let half = json!({ "key": "h", "name": "Held out", "seed": "h", "share": 5_000 });
    datafile["holdouts"] = json!([half]);
    let site = Site::serving("/", page()).with_datafile(datafile);
    let mut held_out = 0;
    for number in 0..VISITORS {
        let visitor = format!("visitor-{number}");
        let reply = site.get("/").visitor(&visitor).send();
        let (_, reason) = decided(&site, &visitor).remove(0);
        if reason == "held-out" {
            reply.is_untouched_but_private(&page());
            held_out += 1;
        } else {
            assert_eq!(reason, "assigned");
            reply.shows("Start free");
        }
    }
    assert!((1..VISITORS).contains(&held_out), "{held_out} of {VISITORS}");
    let exposed = site.logged("exposure").len();
    assert_eq!(exposed, VISITORS - held_out, "who is held out is not counted");
}

#[test]
fn of_a_layer_a_visitor_sees_one_experiment_at_most() {
    let in_layer = |key, selector, words, from: u32, to: u32| {
        let changes = json!([datafile::text(selector, words)]);
        let mut experiment = datafile::everybody(key, "/", changes);
        experiment["layer"] = json!({
            "key": "page", "seed": "page", "share": to - from, "allocation": [[from, to]],
        });
        experiment
    };
    let mut datafile = datafile::of([
        in_layer("first", "h1", "First", 0, 4_000),
        in_layer("second", "p", "Second", 4_000, 8_000),
    ]);
    datafile["layers"] = json!([{ "key": "page", "name": "Page", "seed": "page" }]);
    let site = Site::serving("/", page()).with_datafile(datafile);
    let mut seen = [0; 2];
    for number in 0..VISITORS {
        let visitor = format!("visitor-{number}");
        let reply = site.get("/").visitor(&visitor).send();
        let decided = decided(&site, &visitor);
        let page_text = reply.text();
        for (index, words) in ["First", "Second"].into_iter().enumerate() {
            let sees = page_text.contains(words);
            let reason = if sees { "assigned" } else { "other-in-layer" };
            assert_eq!(decided[index].1, reason, "{visitor}");
            seen[index] += usize::from(sees);
        }
        let both = page_text.contains("First") && page_text.contains("Second");
        assert!(!both, "{visitor} sees both");
        if decided.iter().all(|(variant, _)| variant.is_null()) {
            reply.is_untouched_but_private(&page());
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
    assert_eq!(site.logged("exposure").len(), seen.iter().sum::<usize>());
}

/// A site whose one experiment is for nobody, in one of the ways.
fn site_for_nobody(leave_out: impl Fn(&mut Value)) -> Site {
    let mut datafile = datafile::headline("Start free");
    leave_out(&mut datafile);
    Site::serving("/", page()).with_datafile(datafile)
}

#[test]
fn who_is_left_out_is_known_again_and_stays_out() {
    let not_covered = |datafile: &mut Value| {
        datafile["experiments"][0]["coverage"] = json!(0);
        datafile["experiments"][0]["variants"][1]["allocation"] = json!([]);
    };
    let held_out = |datafile: &mut Value| {
        let all = json!({ "key": "h", "name": "All", "seed": "h", "share": 10_000 });
        datafile["holdouts"] = json!([all]);
    };
    let stopped = |datafile: &mut Value| {
        datafile["experiments"][0]["variants"][1]["stopped"] = json!(true);
    };
    for leave_out in [&not_covered as &dyn Fn(&mut Value), &held_out, &stopped] {
        let site = site_for_nobody(leave_out);
        let reply = site.get("/").send();
        reply.is(200).holds(PAGE).has("cache-control", "private, no-cache");
        let again = site.get("/").cookie(&reply.cookie("edgewise")).send();
        again.is_untouched_but_private(&page());
        assert_eq!(site.log(), [] as [Value; 0]);
    }
}

#[test]
fn nobody_has_to_be_known_where_no_experiment_runs() {
    let paused = |datafile: &mut Value| {
        datafile["experiments"][0]["status"] = json!("paused");
        let audience = json!({ "fact": "visitor.visits", "at_least": 2 });
        datafile["experiments"][0]["audience"] = audience;
    };
    site_for_nobody(paused).get("/").send().is_untouched(&page());
    let for_others = |datafile: &mut Value| {
        let audience = json!({ "fact": "query.plan", "is": "team" });
        datafile["experiments"][0]["audience"] = audience;
    };
    site_for_nobody(for_others).get("/").send().is_untouched_but_private(&page());
}
