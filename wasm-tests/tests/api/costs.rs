//! Prints what the API takes of the processor's time, for the tables of `src/edge/API.md`.

use std::fs;
use std::time::Duration;

use edgewise_wasm_tests::{Reply, Site, html};
use serde_json::{Value, json};

use crate::filed::{Filed, with_copies, with_revisions, with_two};
use crate::support::{PAGE, experiment, get, send, site};

/// As many page rules as fit into a datafile, nearly.
const RULES: u32 = 30_000;

/// How often each is asked.
const TIMES: u32 = 8;

/// User and system time of a process so far, as the scheduler counts it.
fn used_by(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("Linux, and a process");
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let account = fs::read_to_string(task.path().join("schedstat")).ok()?;
        account.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// What a request takes more than one for `/me`, milliseconds.
fn taken(site: &Site, send: impl Fn() -> Reply) -> f64 {
    let measure = |send: &dyn Fn() -> Reply| {
        send();
        let before = used_by(site.pid());
        for _ in 0..TIMES {
            send();
        }
        (used_by(site.pid()).saturating_sub(before) / TIMES).as_secs_f64() * 1_000.0
    };
    let mine = measure(&|| get(site, "/me").send());
    measure(&send) - mine
}

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn tell(what: &str, milliseconds: f64, reply: &Reply) {
    let length = reply.body.len();
    println!("{milliseconds:8.1} ms  {what} ({}, {length} bytes)", reply.status);
}

fn measured(site: &Site, what: &str, send: impl Fn() -> Reply) {
    let took = taken(site, &send);
    tell(what, took, &send());
}

fn draft(experiments: usize, changes: usize, words: usize) -> Value {
    let one = |index: usize| {
        let mut one = experiment(&format!("e{index}"), "x");
        one["status"] = json!("running");
        one["pages"] = json!({ "include": [{ "exact": format!("/{index}") }] });
        let change = |index: usize| json!({ "selector": format!("#a{index}"), "text": "x".repeat(words.max(1)) });
        one["variants"][1]["changes"] = (0..changes).map(change).collect();
        one
    };
    json!({ "experiments": (0..experiments).map(one).collect::<Vec<_>>() })
}

#[test]
#[ignore = "prints how long things take"]
fn costs_of_publishing() {
    for (experiments, changes, words) in [
        (1, 5, 1),
        (20, 5, 1),
        (50, 5, 1),
        (70, 5, 1),
        (1, 200, 1),
        (50, 20, 1),
        (1, 5, 60_000),
    ] {
        let draft = draft(experiments, changes, words);
        let length = draft.to_string().len();
        let body = json!({ "draft": draft });
        let site = site();
        let what = format!(
            "PUT /live: {experiments} experiments, {changes} changes each, {length} bytes"
        );
        measured(&site, &what, || {
            send(&site, "PUT", "/live", &body).header("If-Match", "*").send()
        });
    }
}

#[test]
#[ignore = "prints how long things take"]
fn costs_of_reading() {
    let small = || site().with_option("cpu-budget-ms", "25");
    let copies = with_copies(small(), 100, 250 * 1024);
    measured(&copies, "GET /experiments?q=none, 100 copies of 250 KiB", || {
        get(&copies, "/experiments?q=none").send()
    });

    let all: Vec<String> =
        (0..1_000).map(|index| format!("experiment-{index}")).collect();
    let back = with_revisions(small(), draft(1, 1, 1), 1_000, &all);
    measured(
        &back,
        "GET /experiments/e0/versions/1, 1,000 back, records of 20 KB",
        || get(&back, "/experiments/e0/versions/1").send(),
    );
    measured(&back, "GET /history?experiment=none, records of 20 KB", || {
        get(&back, "/history?experiment=none").send()
    });
    let few = with_revisions(small(), draft(1, 1, 1), 1_000, &["e0".to_owned()]);
    measured(
        &few,
        "GET /experiments/e0/versions/1, 1,000 back, records of 400 bytes",
        || get(&few, "/experiments/e0/versions/1").send(),
    );

    let page = || Site::serving("/", html(PAGE)).with_option("cpu-budget-ms", "25");
    let large = with_revisions(page(), draft(1_000, 5, 1), 1, &all);
    for path in [
        "/live",
        "/experiments?limit=100",
        "/experiments?q=none",
        "/experiments/e999",
        "/experiments/e999/live",
        "/experiments/e999/versions/1",
        "/experiments/e999/health?path=/",
        "/draft",
        "/datafile",
        "/history",
    ] {
        measured(&large, &format!("GET {path}, 1,000 experiments"), || {
            get(&large, path).send()
        });
    }
    let half = with_revisions(page(), draft(300, 5, 1), 2, &all);
    measured(&half, "POST /live/rollback, 300 experiments", || {
        let back = json!({ "revision": 1 });
        send(&half, "POST", "/live/rollback", &back).header("If-Match", "*").send()
    });
    let twice = with_revisions(page(), draft(1_000, 5, 1), 2, &all);
    measured(&twice, "POST /live/rollback, 1,000 experiments", || {
        let back = json!({ "revision": 1 });
        send(&twice, "POST", "/live/rollback", &back).header("If-Match", "*").send()
    });
    let line = json!({ "visitor": "a", "url": "https://a.example/" }).to_string() + "\n";
    let everywhere = {
        let mut draft = draft(1_000, 1, 1);
        for one in draft["experiments"].as_array_mut().expect("a list") {
            one["pages"] = json!({ "include": [{ "exact": "/" }] });
            one["variants"][1]["changes"] = json!([]);
        }
        with_revisions(page(), draft, 1, &all)
    };
    let decide = |site: &Site| send_lines(site, &line.repeat(64 * 1024 / line.len()));
    measured(&everywhere, "POST /decisions, 64 KiB, 1,000 experiments here", || {
        decide(&everywhere)
    });
    measured(&large, "POST /decisions, 64 KiB, 1,000 experiments elsewhere", || {
        decide(&large)
    });
}

fn send_lines(site: &Site, lines: &str) -> Reply {
    let request = site.post(&crate::support::api("/decisions"), lines).with_token();
    request.header("Content-Type", "application/x-ndjson").send()
}

#[test]
#[ignore = "prints how long things take"]
fn costs_of_hostile_bodies() {
    let site = site().with_option("cpu-budget-ms", "25");
    let numbers = |bytes: usize| format!("[{}0]", "0,".repeat(bytes / 2));
    let objects = |bytes: usize| format!("[{}0]", "{\"a\":0},".repeat(bytes / 8));
    let ask = |method: &str, path: &str, body: &str| {
        let request = site.request(method, &crate::support::api(path)).with_token();
        request
            .header("If-Match", "*")
            .header("Content-Type", "application/json")
            .body(body)
            .send()
    };
    for (name, list) in [("numbers", numbers(1_048_000)), ("objects", objects(1_048_000))]
    {
        for (method, path, start, end) in [
            ("POST", "/validate", "{\"x\":", "}"),
            ("POST", "/validate", "{\"experiments\":", "}"),
            ("PUT", "/live", "{\"draft\":{\"x\":", "}}"),
            ("PUT", "/live", "{\"why\":", "}"),
        ] {
            let body = format!("{start}{list}{end}");
            measured(&site, &format!("{method} {path} {start} 1 MiB of {name}"), || {
                ask(method, path, &body)
            });
        }
    }
    for (name, list) in [("numbers", numbers(260_000)), ("objects", objects(260_000))] {
        let body = format!("{{\"key\":\"k-{name}\",\"x\":{list}}}");
        measured(&site, &format!("POST /experiments 256 KiB of {name}"), || {
            ask("POST", "/experiments", &body)
        });
        let path = format!("/experiments/k-{name}");
        measured(&site, &format!("PUT 256 KiB of {name}"), || ask("PUT", &path, &body));
        measured(&site, &format!("GET 256 KiB of {name}"), || ask("GET", &path, ""));
        measured(&site, &format!("POST validate 256 KiB of {name}"), || {
            ask("POST", &(path.clone() + "/validate"), &body)
        });
        measured(&site, &format!("health 256 KiB of {name}"), || {
            ask("GET", &(path.clone() + "/health?path=/"), "")
        });
    }
}

/// The largest drafts that can be live, or nearly, each heavy in another way. All their texts hold the letter.
fn largest(letter: &str) -> [(&'static str, Value); 4] {
    let one = |edit: &dyn Fn(&mut Value)| {
        let mut one = experiment("e0", letter);
        one["status"] = json!("running");
        edit(&mut one);
        json!({ "experiments": [one] })
    };
    let long = json!({ "selector": "h1", "html": letter.repeat(60_000) });
    let texts = one(&|one| one["variants"][1]["changes"] = vec![long.clone(); 16].into());
    let rules = one(&|one| {
        let rule = |index: u32| json!({ "exact": format!("/{letter}{index}") });
        one["pages"] = json!({ "include": (0..RULES).map(rule).collect::<Vec<_>>() });
    });
    let many = |changes: usize, change: &Value| {
        let mut draft = draft(1_000, changes, 1);
        for one in draft["experiments"].as_array_mut().expect("a list") {
            one["variants"][1]["changes"] = vec![change.clone(); changes].into();
        }
        draft
    };
    let padded = json!({ "selector": "h1", "text": letter.repeat(90) });
    let hidden = json!({ "selector": letter, "hide": true });
    [
        ("1 experiment with 960 KB of HTML", texts),
        ("1 experiment with many page rules", rules),
        ("1,000 experiments with 5 changes of 90 letters", many(5, &padded)),
        ("1,000 experiments with 24 short changes", many(24, &hidden)),
    ]
}

#[test]
#[ignore = "prints how long things take"]
fn costs_of_large_drafts() {
    let page = || Site::serving("/", html(PAGE)).with_option("cpu-budget-ms", "25");
    for ((name, before), (_, live)) in largest("b").into_iter().zip(largest("a")) {
        println!("{name}: {} bytes", live.to_string().len());
        let served = with_revisions(page(), live.clone(), 1, &[]);
        for path in ["/", "/a0"] {
            measured(&served, &format!("page {path}"), || {
                served.get(path).visitor("alice").navigating().send()
            });
        }
        for path in ["/datafile", "/experiments/e0/live", "/experiments/e0/health?path=/"]
        {
            measured(&served, &format!("GET {path}"), || get(&served, path).send());
        }
        let filed = (Filed::of(&before), Filed::of(&live));
        let site = with_two(page(), &filed.0, &filed.1);
        for path in [
            "/live",
            "/draft",
            "/experiments?limit=100",
            "/experiments?q=none",
            "/experiments/e0",
            "/experiments/e0/versions/1",
            "/experiments/e0/versions/1..2/diff",
        ] {
            measured(&site, &format!("GET {path}"), || get(&site, path).send());
        }
        let any = |site: &Site, method: &str, path: &str, body: &Value| {
            send(site, method, path, body).header("If-Match", "*").send()
        };
        let change = json!({ "name": "another" });
        let mine = "/experiments/e0";
        measured(&site, "PATCH /experiments/e0", || any(&site, "PATCH", mine, &change));
        let new = experiment("new", "x");
        measured(&site, "POST /experiments", || {
            send(&site, "POST", "/experiments", &new).send()
        });
        for (method, path) in [
            ("POST", "/experiments/new/validate"),
            ("GET", "/experiments/new/health?path=/"),
        ] {
            measured(&site, &format!("{method} {path}"), || {
                send(&site, method, path, &Value::Null).send()
            });
        }
        let whole = json!({ "draft": before });
        let back = json!({ "revision": 1 });
        let pause = json!({ "action": "pause" });
        let publish = json!({ "action": "publish" });
        let one_back = json!({ "action": "rollback", "revision": 1 });
        let steps = "/experiments/e0/transitions";
        for (method, path, body) in [
            ("POST", "/validate", &before),
            ("PUT", "/live", &whole),
            ("POST", "/live/rollback", &back),
            ("POST", steps, &pause),
            ("POST", steps, &publish),
            ("POST", steps, &one_back),
        ] {
            // What is done twice is another thing, so each is done once, in a sandbox that has answered before.
            let took = (0..4).map(|_| {
                let site = with_two(page(), &filed.0, &filed.1);
                any(&site, "PATCH", "/experiments/e0", &change);
                get(&site, "/me").send();
                let at_first = used_by(site.pid());
                get(&site, "/me").send();
                let mine = used_by(site.pid());
                let reply = any(&site, method, path, body);
                let took = used_by(site.pid())
                    .saturating_sub(mine)
                    .saturating_sub(mine.saturating_sub(at_first));
                (took.as_secs_f64() * 1_000.0, reply)
            });
            let took: Vec<_> = took.collect();
            let mean = took.iter().map(|(took, _)| took).sum::<f64>() / 4.0;
            let action = body["action"].as_str().unwrap_or_default();
            tell(&format!("{method} {path} {action}"), mean, &took[0].1);
        }
    }
}
