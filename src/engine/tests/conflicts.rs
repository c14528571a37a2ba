//! Which experiments are told to be in each other's way.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{Conflicts, Datafile, MAX_CONFLICTS, conflicts, validate};
use serde_json::{Value, json};
use support::soup::draft;

/// A datafile of experiments `e0`, `e1`, ... with these changes, and whatever else is said of them.
fn datafile(experiments: &[(Value, Value)]) -> Datafile {
    let changes: Vec<_> = experiments
        .iter()
        .map(|(changes, _)| changes.as_array().unwrap().clone())
        .collect();
    let mut draft = draft(&changes);
    for (place, (_, more)) in experiments.iter().enumerate() {
        for (name, value) in more.as_object().unwrap() {
            draft["experiments"][place][name] = value.clone();
        }
    }
    // Together they may be more than is published.
    let mut all: Option<Value> = None;
    for some in draft["experiments"].as_array().unwrap().chunks(20) {
        let (datafile, problems) = validate(&json!({"experiments": some}).to_string(), 1);
        let json = datafile.unwrap_or_else(|| panic!("{problems}")).to_json();
        let read: Value = serde_json::from_str(&json).unwrap();
        match &mut all {
            None => all = Some(read),
            Some(all) => {
                let more = read["experiments"].as_array().unwrap().clone();
                all["experiments"].as_array_mut().unwrap().extend(more);
            }
        }
    }
    Datafile::from_json(all.unwrap().to_string().as_bytes()).unwrap()
}

/// What `e0` and `e1` share, and which part of the visitors, in basis points.
#[track_caller]
fn check(first: (Value, Value), second: (Value, Value), parts: &[&str], share: f64) {
    let datafile = datafile(&[first, second]);
    let Conflicts { conflicts, complete } = conflicts(&datafile);
    assert!(complete);
    let found: Vec<_> = conflicts
        .iter()
        .flat_map(|one| one.shared.iter().map(|shared| shared.part.as_str()))
        .collect();
    assert_eq!(found, parts);
    let visitors: f64 = conflicts.iter().map(|one| one.visitors * 10_000.0).sum();
    assert!((visitors - share).abs() < 1e-6, "{visitors} is not {share}");
}

fn text(selector: &str) -> Value {
    json!([{"selector": selector, "text": "new"}])
}

/// 60 % of 75 % of visitors see the variant of each.
const BOTH: f64 = 2_025.0;

#[test]
fn parts() {
    let plain = || json!({});
    let same = |first, second, parts: &[&str]| {
        let share = if parts.is_empty() { 0.0 } else { BOTH };
        check((first, plain()), (second, plain()), parts, share);
    };
    same(text("h1"), text("h1"), &["h1"]);
    same(
        text("main  h1.a"),
        json!([{"selector": "MAIN h1.a", "hide": true}]),
        &["main  h1.a"],
    );
    same(text("h1, .cta"), text("h2, .cta"), &["h1, .cta"]);
    same(text("h1"), text("h2"), &[]);
    same(text("main #hero"), text("h1#hero"), &["main #hero"]);
    same(json!([{"title": "A"}]), json!([{"title": "B"}]), &["the title"]);
    same(
        json!([{"meta": {"description": "A"}}]),
        json!([{"meta": {"description": "B"}}]),
        &["the meta description"],
    );
    same(json!([{"title": "A"}]), json!([{"meta": {"robots": "none"}}]), &[]);
    same(json!([{"css": "a {color: red}"}]), json!([{"css": "a {color: red}"}]), &[]);
    same(
        json!([{"selector": ".a", "move": {"after": "footer"}}]),
        json!([{"selector": "footer", "remove": true}]),
        &["footer"],
    );
    same(
        json!([{"title": "A"}, {"selector": "h1", "text": "A"}]),
        json!([{"selector": "h1", "class": {"add": ["b"]}}, {"title": "B"}]),
        &["the title", "h1"],
    );
}

#[test]
fn who_is_in_both() {
    let variants = |weights: [u32; 3]| {
        json!({"coverage": 10_000, "variants": [
            {"key": "control", "name": "Control", "weight": weights[0]},
            {"key": "b", "name": "B", "weight": weights[1], "changes": text("h1")},
            {"key": "c", "name": "C", "weight": weights[2], "changes": text("h2")},
        ]})
    };
    let one = || (json!([]), variants([5_000, 3_000, 2_000]));
    // B with B is 30 % of 10 %, C with C is 20 % of 20 %.
    let other = (json!([]), variants([7_000, 1_000, 2_000]));
    check(one(), other, &["h1", "h2"], 700.0);
    check(one(), (text("h2"), json!({"coverage": 0})), &[], 0.0);
    check(one(), (text("h2"), json!({"status": "paused"})), &[], 0.0);
    check((text("h1"), json!({"status": "draft"})), one(), &[], 0.0);
    let on = |path: &str| json!({"pages": {"include": [{"exact": path}]}});
    check((text("h1"), on("/a")), (text("h1"), on("/b")), &[], 0.0);
    check((text("h1"), on("/a")), (text("h1"), on("/a")), &["h1"], BOTH);
}

#[test]
fn one_seed() {
    let ranges = |first: &str, second: &str| {
        let file = datafile(&[(text("h1"), json!({})), (text("h1"), json!({}))]);
        let mut file: Value = serde_json::from_str(&file.to_json()).unwrap();
        for (place, ranges) in [first, second].into_iter().enumerate() {
            let experiment = &mut file["experiments"][place];
            experiment["seed"] = json!("one");
            experiment["variants"][0]["allocation"] = json!([]);
            let ranges: Value = serde_json::from_str(ranges).unwrap();
            experiment["variants"][1]["allocation"] = ranges;
        }
        let file = Datafile::from_json(file.to_string().as_bytes()).unwrap();
        let found = conflicts(&file).conflicts;
        found.first().map(|one| (one.visitors * 10_000.0).round())
    };
    assert_eq!(ranges("[[0, 5000]]", "[[5000, 10000]]"), None);
    assert_eq!(ranges("[[0, 5001]]", "[[5000, 10000]]"), Some(1.0));
    assert_eq!(ranges("[[0, 100], [200, 300]]", "[[50, 250]]"), Some(100.0));
    assert_eq!(ranges("[[200, 300], [0, 100]]", "[[50, 250]]"), Some(100.0));
    assert_eq!(ranges("[[0, 10000]]", "[[7, 8], [9, 12]]"), Some(4.0));
    assert_eq!(ranges("[]", "[[0, 10000]]"), None);
}

#[test]
fn destinations() {
    let to = |path: &str| {
        json!({"pages": {"include": [{"exact": "/"}]}, "variants": [
            {"key": "control", "name": "Control", "weight": 5_000},
            {"key": "b", "name": "B", "weight": 5_000, "redirect": {"to": path}},
        ]})
    };
    let part = &["the destination"];
    check((json!([]), to("/b")), (json!([]), to("/c")), part, 1_406.25);
    check((json!([]), to("/b")), (text("h1"), json!({})), &[], 0.0);
}

#[test]
fn words() {
    let all = |names: &[&str]| -> Value {
        names.iter().map(|one| text(one)[0].clone()).collect()
    };
    let names = ["h1", "h2", "h3", "h4", "h5"];
    let file = datafile(&[
        (all(&names[..2]), json!({})),
        (all(&names), json!({})),
        (all(&names), json!({})),
    ]);
    let found = conflicts(&file).conflicts;
    assert_eq!(found.len(), 3);
    assert_eq!(
        found[0].explain(),
        "\"e0\" and \"e1\" both change h1 and h2: up to 20.25 % of visitors are in both. Where only one change can be \
         made, it is that of \"e0\". To keep visitors of one out of the other, put both into a layer: \
         \"layer\": {\"key\": \"e0\", \"share\": 5000}."
    );
    assert!(found[2].explain().contains("both change h1, h2, h3 and 2 more: up"));
    let json = serde_json::to_value(&found[0]).unwrap();
    assert_eq!(json["shared"][0], json!({"part": "h1", "first": ["b"], "second": ["b"]}));
    assert_eq!(json["explain"], found[0].explain());
}

#[test]
fn members_of_a_list_are_told_as_one() {
    let variants = json!({"variants": [
        {"key": "control", "name": "Control", "weight": 5_000},
        {"key": "b", "name": "B", "weight": 3_000, "changes": text("h2")},
        {"key": "c", "name": "C", "weight": 2_000, "changes": text("h1")},
    ]});
    let file = datafile(&[(text("h1, h2"), json!({})), (json!([]), variants)]);
    let shared = serde_json::to_value(&conflicts(&file).conflicts[0].shared).unwrap();
    let both = json!([{"part": "h1, h2", "first": ["b"], "second": ["b", "c"]}]);
    assert_eq!(shared, both);
}

/// So many experiments, each with so many changes of the same elements.
fn many(experiments: usize, changes: usize, more: impl Fn(usize) -> Value) -> Datafile {
    let changes: Vec<_> =
        (0..changes).map(|change| text(&format!(".c{change}"))[0].clone()).collect();
    let all = (0..experiments).map(|place| (json!(changes), more(place)));
    datafile(&all.collect::<Vec<_>>())
}

/// Whatever is published, looking for conflicts ends soon, and what it finds is no more than can be read.
#[test]
fn hostile_sizes() {
    let apart = many(1_000, 20, |place| {
        let path = format!("/{place}/{}*x", "a*".repeat(100));
        json!({"pages": {"include": [{"wildcard": path}]}})
    });
    let found = conflicts(&apart);
    assert!(found.complete && found.conflicts.is_empty());

    let together = many(1_000, 200, |_| json!({}));
    let found = conflicts(&together);
    assert!(!found.complete);
    assert_eq!(found.conflicts.len(), MAX_CONFLICTS);
    assert_eq!((found.conflicts[0].shared.len(), found.conflicts[0].untold), (20, 180));
}

/// Page rules may be long and many, so that even two experiments take too long.
#[test]
fn hostile_page_rules() {
    let starred = |_| json!({"wildcard": format!("/{}", "a*b".repeat(500))});
    let plain = |at| json!({"exact": format!("/{}{at}", "ab".repeat(1_000))});
    let rules: Vec<_> = (0..20).map(starred).chain((0..20).map(plain)).collect();
    let file = many(
        50,
        1,
        |_| json!({"pages": {"include": rules, "exclude": [{"prefix": "/a"}]}}),
    );
    assert!(!conflicts(&file).complete);
    let rules: Vec<_> =
        (0..2_000).map(|at| json!({"exact": format!("/a/{at}")})).collect();
    let others: Vec<_> =
        (0..2_000).map(|at| json!({"prefix": format!("/b/{at}/")})).collect();
    let excluded: Vec<_> =
        (0..2_000).map(|at| json!({"wildcard": format!("/c*{at}")})).collect();
    let file = many(2, 1, |at| {
        let include = if at == 0 { &rules } else { &others };
        json!({"pages": {"include": include, "exclude": excluded}})
    });
    let found = conflicts(&file);
    assert!(found.complete && found.conflicts.is_empty());
}
