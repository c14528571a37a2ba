//! A datafile that asks for everything a visit can tell.

use edgewise_engine::{Datafile, Named, validate};
use serde_json::{Value, json};

/// One condition for each operator, on one fact.
fn operators(fact: &str) -> Vec<Value> {
    let tests = [
        json!({"is": "team"}),
        json!({"is": "DE"}),
        json!({"one_of": ["a", "Berlin", "de-CH", ""]}),
        json!({"contains": "é"}),
        json!({"starts": "/a"}),
        json!({"ends": "m"}),
        json!({"matches": "^(a+)+[^x]{2,9}(é|\\d*)*$"}),
        json!({"exists": true}),
        json!({"exists": false}),
        json!({"less": 10}),
        json!({"at_most": -1.5}),
        json!({"more": 1e300}),
        json!({"at_least": 3}),
        json!({"between": [2, 12]}),
        json!({"version": {"is": "17"}}),
        json!({"version": {"less": "17.4"}}),
        json!({"version": {"at_least": "9.0.1"}}),
    ];
    let with_fact = |mut test: Value| {
        test["fact"] = json!(fact);
        test
    };
    tests.into_iter().map(with_fact).collect()
}

/// Whether the fact has few values, and `is` may only name these.
fn has_a_vocabulary(fact: &str) -> bool {
    ["device.class", "geo.continent", "visitor.type"].contains(&fact)
        || fact == "source"
        || fact.ends_with("weekday")
}

fn experiment(key: &str, rest: &Value) -> Value {
    let mut experiment = json!({
        "key": key, "name": key, "status": "running",
        "hypothesis": {"we_believe": "any visit at all", "will_cause": "an answer, not a panic", "because": "visitors send what they like"},
        "pages": {"include": [{"prefix": "/"}]},
        "variants": [{"key": "control", "name": "Control", "weight": 5000}, {"key": "b", "name": "B", "weight": 5000}],
    });
    let fields = rest.as_object().into_iter().flatten();
    for (name, value) in fields {
        experiment[name.as_str()] = value.clone();
    }
    experiment
}

/// An experiment for each fact, with every operator on it, and one for each thing else that a decision rests on.
pub fn draft() -> Value {
    let others = ["query.plan", "query.utm_source", "cookie.plan", "header.x-plan"];
    let named = Named::ALL.iter().map(|named| named.as_str());
    let mut experiments: Vec<Value> = Vec::new();
    for fact in others.into_iter().chain(named) {
        let number = experiments.len();
        let mut conditions = match fact {
            "now" => {
                vec![
                    json!({"fact": "now", "within": ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]}),
                ]
            }
            fact => operators(fact)
                .into_iter()
                .enumerate()
                .filter(|(place, _)| (place + number) % 3 == 0)
                .map(|(_, mut one)| {
                    if number % 2 == 0 && one.get("fact").is_some() {
                        one["ignore_case"] = json!(number % 4 == 0);
                    }
                    one
                })
                .collect(),
        };
        if fact.ends_with("version") {
            let numbers = ["less", "at_most", "more", "at_least", "between"];
            conditions.retain(|one| numbers.iter().all(|name| one.get(*name).is_none()));
        }
        if fact == "geo.country" {
            conditions.retain(|one| {
                one.get("is") != Some(&json!("team")) && one.get("one_of").is_none()
            });
        }
        if has_a_vocabulary(fact) {
            conditions
                .retain(|one| one.get("is").is_none() && one.get("one_of").is_none());
        }
        if conditions.is_empty() {
            conditions.push(json!({"fact": fact, "exists": true}));
        }
        let fails = conditions.clone();
        let key = fact.replace(['.', '_'], "-");
        let audience = json!({"any": [{"all": conditions}, {"not": {"any": fails}}]});
        experiments.push(experiment(&key, &json!({"audience": audience})));
    }
    let rule = |rule: &Value| json!({"pages": {"include": [rule]}});
    for (key, rest) in [
        ("regex", rule(&json!({"regex": "(a|b)*c{2,5}$"}))),
        ("suffix", rule(&json!({"suffix": "/b"}))),
        ("host", rule(&json!({"host": "*.example.com", "contains": "a"}))),
        (
            "query",
            rule(&json!({"query": {"plan": {"matches": "^t"}, "b": {"exists": false}}})),
        ),
        (
            "ramp",
            json!({"schedule": {"ramp": [{"at": "2026-01-01T00:00:00Z", "coverage": 1000}, {"at": "2026-06-01T00:00:00Z", "coverage": 9000}]}}),
        ),
        ("layered", json!({"layer": {"key": "one", "share": 5000}})),
        ("asks", json!({"audience": {"in_experiment": "layered", "variant": "b"}})),
        (
            "asks-again",
            json!({"audience": {"not": {"in_experiment": "asks"}}, "sticky": true}),
        ),
        (
            "leads",
            json!({"pages": {"include": [{"exact": "/a"}]}, "variants": [
            {"key": "control", "name": "Control", "weight": 5000},
            {"key": "b", "name": "B", "weight": 5000, "redirect": {"to": "/b"}}]}),
        ),
    ] {
        experiments.push(experiment(key, &rest));
    }
    json!({
        "time_zone": "Europe/Berlin", "signals": {"gpc": true, "dnt": true},
        "consent": {"required": ["US", "EEA"], "cookie": {"name": "consent", "matches": "(^|,)statistics(,|$)"}},
        "layers": [{"key": "one", "name": "One"}],
        "holdouts": [{"key": "held", "name": "Held", "share": 500}],
        "experiments": experiments,
    })
}

/// The datafile of that draft.
pub fn datafile() -> Datafile {
    let (datafile, problems) = validate(&draft().to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}
