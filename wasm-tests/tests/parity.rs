//! One corpus, several runtimes, equal byte for byte: the engine's golden cases through
//! the built edge module. `browser/parity.test.mjs` does the same for the browser's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use edgewise_wasm_tests::{Site, difference, html};
use serde_json::Value;

/// Enough for the two cores of a small machine, few enough for its memory.
const AT_ONCE: usize = 2;

enum Outcome {
    Equal,
    /// The case says why an edge cannot play it.
    Skipped(String),
    Differs(String),
}

#[test]
fn golden_cases_come_out_equal() {
    let mut cases = cases();
    assert!(!cases.is_empty(), "there are no golden cases");
    cases.reverse();
    let (waiting, outcomes) = (Mutex::new(cases), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = { waiting.lock().unwrap().pop() } {
                    let outcome = replay(&case);
                    let name = case.file_name().unwrap().to_string_lossy().into_owned();
                    outcomes.lock().unwrap().push((name, outcome));
                }
            });
        }
    });
    let mut failures = Vec::new();
    let mut equal = 0;
    for (name, outcome) in outcomes.into_inner().unwrap() {
        match outcome {
            Outcome::Equal => equal += 1,
            Outcome::Skipped(reason) => println!("skipped {name}: {reason}"),
            Outcome::Differs(how) => failures.push(format!("{name} {how}")),
        }
    }
    println!("{equal} golden cases are equal at the edge");
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/engine/tests/golden");
    let entries = fs::read_dir(&folder).expect("the engine has golden cases");
    let mut cases: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    cases
}

fn replay(case: &Path) -> Outcome {
    let read = |name: &str| {
        let file = case.join(name);
        fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    let visit: Value = serde_json::from_slice(&read("visit.json")).expect("visit.json");
    if let Some(reason) = visit["edge"].as_str() {
        return Outcome::Skipped(reason.to_owned());
    }
    let url = visit["url"].as_str().expect("a visit has a url");
    let (_, rest) = url.split_once("://").expect("an absolute url");
    let slash = rest.find('/').unwrap_or(rest.len());
    let (host, target) = rest.split_at(slash);
    let target = if target.is_empty() { "/" } else { target };
    let path = target.split('?').next().unwrap_or_default();

    let mut page = html(read("input.html"));
    if let Some(content_type) = visit["content_type"].as_str() {
        page = page.content_type(content_type);
    }
    for policy in visit["csp"].as_array().into_iter().flatten() {
        let policy = policy.as_str().expect("a policy is text");
        page = page.header("Content-Security-Policy", policy);
    }
    let site = Site::serving(path, page)
        .with_datafile_bytes(read("datafile.json"))
        .with_geo(visit["geo"].clone());
    let visitor = visit["visitor"].as_str().expect("a visit has a visitor");
    let mut request = site.get(target).host(host).visitor(visitor);
    for header in visit["headers"].as_array().into_iter().flatten() {
        let part = |index: usize| header[index].as_str().expect("a header is two texts");
        if part(0).eq_ignore_ascii_case("user-agent") {
            request = request.without("User-Agent");
        }
        request = request.header(part(0), part(1));
    }
    let reply = request.send();
    if reply.status != 200 {
        return Outcome::Differs(reply.brief());
    }
    if let Some(difference) = difference(&read("expected.html"), &reply.body) {
        return Outcome::Differs(difference);
    }
    let report = serde_json::from_slice(&read("report.json")).expect("report.json");
    let (expected, logged) = (exposed(&report), counted(&site.logged("exposure")));
    if expected != logged {
        return Outcome::Differs(format!(
            "is logged as\n  {logged:?}\n  and not as\n  {expected:?}"
        ));
    }
    Outcome::Equal
}

/// Experiment, variant, and for each change how often it matched and was applied.
type Counts = Vec<(Value, Value, Vec<(Value, Value)>)>;

fn exposed(report: &Value) -> Counts {
    let experiments = report.as_array().expect("a report lists experiments");
    counted(experiments.iter().filter(|shown| shown["exposed"] == true))
}

fn counted<'a>(lines: impl IntoIterator<Item = &'a Value>) -> Counts {
    let counts = |change: &Value| (change["matched"].clone(), change["applied"].clone());
    let count = |line: &Value| {
        let changes = line["changes"].as_array().into_iter().flatten();
        (
            line["experiment"].clone(),
            line["variant"].clone(),
            changes.map(counts).collect(),
        )
    };
    lines.into_iter().map(count).collect()
}
