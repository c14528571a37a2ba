//! One corpus, several runtimes, equal byte for byte: the engine's golden cases through
//! the built edge module. `browser/parity.test.mjs` does the same for the browser's.
//!
//! Viceroy takes seconds to start, so each plays many cases. What it finds in its files it
//! reads once; so all datafiles lie in the store as revisions of before, byte for byte, and
//! a rollback through the API makes the one live whose turn it is. The module reads it there
//! as JSON, and for the visit as what it compiled of that, as after every publish.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, thread};

use edgewise_wasm_tests::{Answer, Request, Site, difference, html};
use serde_json::{Value, json};

/// Enough for the two cores of a small machine, few enough for its memory.
const AT_ONCE: usize = 2;

/// Equal, or how it differs.
type Outcome = Result<(), String>;

#[test]
fn golden_cases_come_out_equal() {
    let cases = cases();
    assert!(!cases.is_empty(), "there are no golden cases");
    let (played, skipped): (Vec<_>, Vec<_>) =
        cases.into_iter().partition(|case| case.visit["edge"].is_null());
    for case in skipped {
        let reason = case.visit["edge"].as_str().expect("the case says why");
        println!("skipped {}: {reason}", case.name);
    }
    let (waiting, outcomes) = (Mutex::new(batches(played)), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(batch) = { waiting.lock().unwrap().pop() } {
                    let played = play_all(&batch);
                    outcomes.lock().unwrap().extend(played);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    let differs = |(name, outcome): &(String, Outcome)| {
        outcome.as_ref().err().map(|how| format!("{name} {how}"))
    };
    let mut failures: Vec<_> = outcomes.iter().filter_map(differs).collect();
    failures.sort();
    println!("{} golden cases are equal at the edge", outcomes.len() - failures.len());
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
}

struct Case {
    name: String,
    folder: PathBuf,
    visit: Value,
}

impl Case {
    fn read(&self, name: &str) -> Vec<u8> {
        read(&self.folder.join(name))
    }

    /// The text of the visit under a name.
    fn text(&self, name: &str) -> &str {
        self.visit[name].as_str().unwrap_or_else(|| panic!("{}: {name}", self.name))
    }
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/engine/tests/golden");
    let entries = fs::read_dir(&folder).expect("the engine has golden cases");
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let case = |folder: PathBuf| {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let visit = serde_json::from_slice(&read(&folder.join("visit.json")));
        Case { visit: visit.expect("visit.json"), name, folder }
    };
    folders.into_iter().map(case).collect()
}

/// Cases that one runtime can play: it knows one place where its visitors are.
fn batches(cases: Vec<Case>) -> Vec<Vec<Case>> {
    let mut by_place = BTreeMap::<String, Vec<Case>>::new();
    for case in cases {
        by_place.entry(case.visit["geo"].to_string()).or_default().push(case);
    }
    let mut batches = Vec::new();
    for mut cases in by_place.into_values() {
        let most = cases.len().div_ceil(AT_ONCE);
        while !cases.is_empty() {
            batches.push(cases.split_off(cases.len().saturating_sub(most)));
        }
    }
    batches
}

fn play_all(batch: &[Case]) -> Vec<(String, Outcome)> {
    let datafiles: Vec<_> = batch.iter().map(|case| case.read("datafile.json")).collect();
    let site = Site::serving("/", html(""))
        .with_history(&datafiles)
        .with_geo(batch[0].visit["geo"].clone());
    let play = |(case, revision): (&Case, u64)| {
        let played = catch_unwind(AssertUnwindSafe(|| {
            make_live(&site, case, revision)?;
            play(&site, case)
        }));
        let outcome =
            played.unwrap_or_else(|_| panic!("{} does not come to its end", case.name));
        (case.name.clone(), outcome)
    };
    batch.iter().zip(1..).map(play).collect()
}

/// Makes a datafile live again that was live as this revision. What the module serves then is
/// that of the case, but for the number.
fn make_live(site: &Site, case: &Case, revision: u64) -> Outcome {
    let ask = |request: Request| {
        let reply = request.with_token().send();
        // Until the sandbox waits for more: the next request is to come to the same.
        site.log();
        if reply.status == 200 { Ok(reply.json()) } else { Err(reply.brief()) }
    };
    let body = json!({ "revision": revision }).to_string();
    let rollback = site.post("/_edgewise/api/v1/live/rollback", body);
    let rollback = rollback.header("Content-Type", "application/json");
    let revision = ask(rollback.header("If-Match", "*"))?["revision"].take();
    let served = ask(site.get("/_edgewise/api/v1/datafile"))?;
    let mut expected: Value =
        serde_json::from_slice(&case.read("datafile.json")).expect("datafile.json");
    expected["revision"] = revision;
    if served != expected {
        return Err(format!("has the datafile\n  {served}\n  and not\n  {expected}"));
    }
    Ok(())
}

fn play(site: &Site, case: &Case) -> Outcome {
    let (_, rest) = case.text("url").split_once("://").expect("an absolute url");
    let slash = rest.find('/').unwrap_or(rest.len());
    let (host, target) = rest.split_at(slash);
    let target = if target.is_empty() { "/" } else { target };
    let path = target.split('?').next().unwrap_or_default();
    site.origin().answer(path, page(case));
    ask(site, case, host, target)?;
    // What is kept of the page is compared with it then, and not read again.
    ask(site, case, host, target).map_err(|how| format!("the second time {how}"))
}

fn ask(site: &Site, case: &Case, host: &str, target: &str) -> Outcome {
    // Of the requests before.
    let (asked, shown) = (site.origin().seen().len(), site.logged("exposure").len());

    let mut request = site.get(target).host(host).visitor(case.text("visitor"));
    for header in case.visit["headers"].as_array().into_iter().flatten() {
        let part = |index: usize| header[index].as_str().expect("a header is two texts");
        if part(0).eq_ignore_ascii_case("user-agent") {
            request = request.without("User-Agent");
        }
        request = request.header(part(0), part(1));
    }
    let reply = request.send();
    if reply.status != 200 {
        return Err(reply.brief());
    }
    if let Some(difference) = difference(&case.read("expected.html"), &reply.body) {
        return Err(difference);
    }
    let report = serde_json::from_slice(&case.read("report.json")).expect("report.json");
    let logged = site.logged("exposure");
    let (expected, logged) = (exposed(&report), counted(&logged[shown..]));
    if expected != logged {
        return Err(format!("is logged as\n  {logged:?}\n  and not as\n  {expected:?}"));
    }
    // It is the origin's page, and not a finished one.
    let asked = site.origin().seen().len() - asked;
    if asked != 1 {
        return Err(format!("asks the origin {asked} times"));
    }
    Ok(())
}

/// What the origin answers in this case.
fn page(case: &Case) -> Answer {
    let mut page = html(case.read("input.html"));
    if let Some(content_type) = case.visit["content_type"].as_str() {
        page = page.content_type(content_type);
    }
    for policy in case.visit["csp"].as_array().into_iter().flatten() {
        let policy = policy.as_str().expect("a policy is text");
        page = page.header("Content-Security-Policy", policy);
    }
    page
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
