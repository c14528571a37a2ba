//! What takes too long for one request ends where it says so, and goes on from there. Each of these asks for many times
//! what a request has time for.

use std::collections::BTreeSet;

use edgewise_wasm_tests::{Reply, Site};
use serde_json::{Value, json};

use crate::filed::{Filed, with_copies, with_revisions, with_two};
use crate::support::{api, experiment, get, problem, send, site, transition};

/// A site that grants the API no more time than any does.
fn strict() -> Site {
    site().with_option("cpu-budget-ms", "1")
}

fn running(key: &str) -> Value {
    let mut experiment = experiment(key, "x");
    experiment["status"] = json!("running");
    experiment["variants"][1]["changes"] = json!([]);
    experiment
}

fn decide(site: &Site, lines: &str) -> Vec<Value> {
    let request = site.post(&api("/decisions"), lines).with_token();
    let reply = request.header("Content-Type", "application/x-ndjson").send();
    // 1 MiB, and the line that goes beyond it.
    assert!(reply.is(200).body.len() < 1_500_000, "{} bytes", reply.body.len());
    let text = reply.text();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn visits_are_decided_as_far_as_time_and_room_last() {
    let many: Vec<Value> =
        (0..1_000).map(|index| running(&format!("e{index}"))).collect();
    let site = with_revisions(strict(), json!({ "experiments": many }), 1, &[]);
    let line = json!({ "visitor": "a", "url": "https://a.example/" }).to_string();
    let lines = vec![line.as_str(); 1_000].join("\n");
    let answers = decide(&site, &lines);
    let (last, decided) = answers.split_last().expect("answers");
    assert!(!decided.is_empty() && decided.len() < 100, "{}", decided.len());
    assert!(
        decided
            .iter()
            .all(|one| one["decisions"].as_array().map(Vec::len) == Some(1_000))
    );
    assert_eq!(last["line"], json!(decided.len() + 1));
    let stopped = last["stopped"].as_str().unwrap_or_default();
    assert!(["too-large", "cpu-time"].contains(&stopped), "{last}");
    assert_eq!(
        last["error"],
        "nothing was looked at from here on: send this line and what follows again"
    );
    // From there on again, to the end.
    let rest = [line.as_str(), "no visit"].join("\n\n");
    let answers = decide(&site, &rest);
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0], decided[0]);
    let told = &answers[1];
    assert_eq!(told["line"], 3);
    assert!(told["stopped"].is_null() || told["stopped"] == "cpu-time", "{told}");
}

#[test]
fn a_list_ends_where_time_does_and_goes_on_from_there() {
    let site = with_copies(strict(), 60, 250 * 1024);
    let (mut cursor, mut answers, mut keys) = (String::new(), 0, BTreeSet::new());
    loop {
        let path = format!("/experiments?limit=100{cursor}");
        let list = get(&site, &path).send().is(200).json();
        answers += 1;
        for one in list["experiments"].as_array().expect("a list") {
            assert!(keys.insert(one["key"].to_string()), "{one} twice");
        }
        match list["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!((2..=60).contains(&answers), "{answers} answers");
    assert_eq!(keys.len(), 60);
    // Where nothing matches, too.
    let none = get(&site, "/experiments?q=nothing").send().is(200).json();
    assert_eq!(none["experiments"], json!([]));
    assert!(none["next_cursor"].is_string(), "{none}");
}

#[test]
fn what_is_too_far_back_is_not_looked_for_to_the_end() {
    let all: Vec<_> = (0..1_000).map(|index| format!("experiment-{index}")).collect();
    let draft = json!({ "experiments": [running("hero")] });
    let site = with_revisions(strict(), draft, 1_000, &all);
    let too_far = |reply: Reply| {
        let told = problem(reply.is(413));
        assert_eq!(told["code"], "too-far-back");
        assert_eq!(
            told["detail"],
            "there is not enough time here to go back to revision 1"
        );
        assert_eq!(
            told["hint"],
            "`edgewise rollback --to-fastly` has it, and GET /history leads back in steps."
        );
    };
    too_far(get(&site, "/experiments/hero/versions/1").send());
    too_far(get(&site, "/experiments/hero/versions/1..1000/diff").send());
    too_far(transition(
        &site,
        "hero",
        &json!({ "action": "rollback", "revision": 1 }),
        1_000,
    ));
    let back = send(&site, "POST", "/live/rollback", &json!({ "revision": 1 }));
    too_far(back.header("If-Match", "\"1000\"").send());
    get(&site, "/experiments/hero/versions/1000").send().is(200);
    for path in ["/history?experiment=none", "/experiments/none/versions"] {
        let list = get(&site, path).send().is(200).json();
        assert!(list["next_cursor"].is_string(), "{path}: {list}");
    }
}

#[test]
fn the_health_of_a_large_working_copy_is_looked_at_in_part() {
    let mut hero = experiment("hero", "x");
    hero["audience"] = json!({ "in_experiment": "other" });
    let variant = |index: usize| {
        json!({
            "key": format!("v{index}"), "name": "V", "weight": 1_000,
            "changes": vec![json!({ "selector": "h1", "text": "x" }); 100],
        })
    };
    let control = json!({ "key": "control", "name": "Control", "weight": 1_000 });
    let variants = [control].into_iter().chain((1..10).map(variant));
    hero["variants"] = variants.collect();
    let site = strict();
    send(&site, "POST", "/experiments", &hero).send().is(201);
    let health = get(&site, "/experiments/hero/health").send().is(200).json();
    let variants = health["variants"].as_array().expect("variants");
    assert_eq!(variants.len(), 9);
    assert_eq!(variants[0]["changes"].as_array().map(Vec::len), Some(100));
    for one in variants {
        let stopped = one["stopped"].as_str();
        assert!(matches!(stopped, None | Some("not-looked-at")), "{stopped:?}");
    }
}

#[test]
fn working_copies_are_1_000_at_most() {
    let site = with_copies(site(), 999, 34);
    send(&site, "POST", "/experiments", &experiment("last", "x")).send().is(201);
    let again = send(&site, "PUT", "/experiments/last", &experiment("last", "y"));
    again.header("If-Match", "*").send().is(200);
    let refused = send(&site, "POST", "/experiments", &experiment("more", "x")).send();
    let told = problem(refused.is(409));
    assert_eq!(told["code"], "too-many-copies");
    assert_eq!(told["detail"], "there are 1000 working copies, and 1000 are the most");
    assert_eq!(told["hint"], "Publish or delete those that nobody works on any more.");
    let gone = send(&site, "DELETE", "/experiments/copy-0000", &Value::Null);
    gone.header("If-Match", "*").send().is(204);
    send(&site, "POST", "/experiments", &experiment("more", "x")).send().is(201);
}

/// One experiment that is live, with more page rules than the API reads one by one.
fn dense(letter: &str) -> Value {
    let mut hero = running("hero");
    let rule = |index: u32| json!({ "exact": format!("/{letter}{index}") });
    hero["pages"] = json!({ "include": (0..10_000).map(rule).collect::<Vec<_>>() });
    hero
}

#[test]
fn a_live_draft_of_very_many_values_is_shown_and_not_worked_on() {
    let drafts =
        ["a", "b"].map(|letter| Filed::of(&json!({ "experiments": [dense(letter)] })));
    let site = with_two(strict(), &drafts[0], &drafts[1]);
    let list = get(&site, "/experiments").send().is(200).json();
    assert_eq!(list["experiments"][0]["variants"], 2);
    let hero = get(&site, "/experiments/hero").send().is(200).json();
    assert_eq!(hero["experiment"], dense("b"));
    assert_eq!((&hero["status"], &hero["live"]), (&json!("running"), &json!(true)));
    let before = get(&site, "/experiments/hero/versions/1").send().is(200).json();
    assert_eq!(before["experiment"], dense("a"));
    let draft = get(&site, "/draft").send().is(200).json();
    assert_eq!(draft, json!({ "revision": 2, "experiments": [dense("b")] }));

    let too_large = |reply: Reply, detail: &str, hint: &str| {
        let told = problem(reply.is(413));
        assert_eq!(told["code"], "too-large");
        assert_eq!(
            (told["detail"].as_str(), told["hint"].as_str()),
            (Some(detail), Some(hint))
        );
    };
    let many = "there are too many values in \"hero\" to look at each of them here";
    let hint = "Read the experiment as it stands, and work on it on your machine.";
    too_large(get(&site, "/experiments/hero/versions/1..2/diff").send(), many, hint);
    let name = json!({ "name": "Hero" });
    let patch = send(&site, "PATCH", "/experiments/hero", &name);
    too_large(patch.header("If-Match", "*").send(), many, hint);
    let back = json!({ "action": "rollback", "revision": 1 });
    too_large(transition(&site, "hero", &back, 2), many, hint);
    let same = get(&site, "/experiments/hero/versions/2..2/diff").send().is(200).json();
    assert_eq!(same["changes"], json!([]));
    let pause = transition(&site, "hero", &json!({ "action": "pause" }), 2);
    let told = problem(pause.is(413));
    let detail = told["detail"].as_str().unwrap_or_default();
    assert!(
        detail.starts_with("a draft of 1 experiments and 189235 bytes takes about ")
            && detail.contains(" ms of CPU time, and here "),
        "{detail}"
    );
    assert_eq!(
        told["hint"],
        "Publish a draft as large as this with `edgewise publish --to-fastly`, which checks it on your machine."
    );
    // The way back does not look at each of them.
    let back = send(&site, "POST", "/live/rollback", &json!({ "revision": 1 }));
    let done = back.header("If-Match", "\"2\"").send().is(200).json();
    assert_eq!(done["restores"], 1);
    let record = get(&site, "/history?limit=1").send().is(200).json();
    assert_eq!(record["entries"][0]["experiments"], json!(["hero"]));
}

#[test]
fn what_is_different_between_large_drafts_is_told_as_far_as_time_lasts() {
    let draft = |words: &str| {
        let one = |index: usize| {
            let mut one = running(&format!("e{index}"));
            one["name"] = json!(words.repeat(300));
            one
        };
        Filed::of(&json!({ "experiments": (0..1_000).map(one).collect::<Vec<_>>() }))
    };
    let site = with_two(strict(), &draft("a"), &draft("b"));
    let back = send(&site, "POST", "/live/rollback", &json!({ "revision": 1 }));
    let done = back.header("If-Match", "\"2\"").send().is(200).json();
    let told = done["changes"].as_array().expect("lines");
    let is_told = |line: &Value| {
        let line = line.as_str().unwrap_or_default();
        line.contains(": name from \"bbb")
            || line.ends_with("\" is different")
            || line.starts_with("and ")
            || line == "everything is as in revision 1"
    };
    assert!(!told.is_empty() && told.iter().all(is_told), "{told:?}");
    let record = get(&site, "/history?limit=1").send().is(200).json();
    let experiments = record["entries"][0]["experiments"].as_array().map(Vec::len);
    assert_eq!(experiments, Some(1_000));
}
