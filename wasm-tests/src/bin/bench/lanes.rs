//! The three modules, each with an origin and a runtime of its own.

use std::io::Read;
use std::path::PathBuf;

use edgewise_wasm_tests::{Gate, Reply, Request, Site, baseline, datafile, edgewise};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::pages::{Subject, THOUGHT, Task};

/// One module at work.
pub(crate) struct Lane {
    pub(crate) name: &'static str,
    pub(crate) site: Site,
    pub(crate) gate: Gate,
    /// What it does to the page.
    edits: Option<Task>,
}

impl Lane {
    /// A visitor's request for a page.
    pub(crate) fn request(&self, subject: &Subject, path: &str) -> Request<'_> {
        let request = self.site.get(path).visitor("somebody");
        // Whoever accepts gzip gets it from the pass-through; the others unpack it.
        if subject.gzip { request.header("Accept-Encoding", "gzip") } else { request }
    }
}

pub(crate) fn start(task: Task, subjects: &[Subject]) -> [Lane; 3] {
    // The one that is written by hand has no such thing as a first element.
    let hardcoded = if task == Task::Hundred { Task::Hundred } else { Task::All };
    let lane = |name, module: PathBuf, edits| {
        let gate = Gate::new();
        let site = Site::serving("/", edgewise_wasm_tests::html("up"))
            .through(module)
            .with_datafile(experiment(task))
            .for_measuring();
        let site = subjects.iter().fold(site, |site, subject| {
            site.and(subject.path, subject.answer())
                .and(&subject.halved_path(), subject.halved_answer(&gate))
                .and(&subject.slow_path(), subject.halved_answer(&gate).thinking(THOUGHT))
        });
        Lane { name, site, gate, edits }
    };
    [
        lane("pass-through", baseline("passthrough"), None),
        lane("hard-coded", baseline("hardcoded"), Some(hardcoded)),
        lane("Edgewise", edgewise(), Some(task)),
    ]
}

/// The edits of `baselines/hardcoded/src/edits.rs`, as an experiment.
fn experiment(task: Task) -> Value {
    let changes = match task {
        Task::All => five(),
        Task::One => {
            let mut changes = five();
            for change in changes.as_array_mut().into_iter().flatten() {
                change["expect"] = json!("one");
            }
            changes
        }
        Task::Hundred => hundred(),
    };
    let mut experiment = datafile::everybody("calm", "/", changes);
    experiment["pages"]["include"] = json!([{ "prefix": "/" }]);
    datafile::of([experiment])
}

fn hundred() -> Value {
    let change = |number: usize| {
        let place = number / 5 + 1;
        let selector = match number % 5 {
            0 => format!("#part-{place}"),
            1 => format!(".promo-{place}"),
            2 => format!("article.offer-{place}"),
            3 => format!("main .band .tile-{place}"),
            _ => format!("article[data-card='{place}-2']"),
        };
        json!({ "selector": selector, "class": { "add": ["seen"], "remove": [] } })
    };
    (0..100).map(change).collect()
}

fn five() -> Value {
    json!([
        { "selector": "h1", "text": "Ship calm software, faster" },
        { "selector": ".lead", "text": "Ask first, then build what wins." },
        { "selector": "a.cta", "attribute": { "href": "/signup?plan=team" } },
        { "selector": "#plans", "insert": {
            "after": "<p class=\"promise\">Thirty days, no card.</p>"
        } },
        { "selector": "main", "class": { "add": ["calm"], "remove": [] } },
    ])
}

/// Stops the run where a module does not serve what its numbers would stand for.
pub(crate) fn check(lane: &Lane, subject: &Subject) {
    let reply = lane.request(subject, subject.path).send();
    reply.is(200);
    let page = unpacked(&reply);
    match lane.edits {
        None => assert!(page == subject.html, "{} is not the origin's page", lane.name),
        Some(Task::Hundred) => {
            let parts = subject.html.matches("id=\"part-").count();
            let seen = page.matches(" seen\"").count();
            assert_eq!(seen, 2 * parts, "{} edits what it finds", lane.name);
        }
        Some(task) => check_five(lane, subject, task, &page),
    }
}

fn check_five(lane: &Lane, subject: &Subject, task: Task, page: &str) {
    for edit in [
        ">Ship calm software, faster</h1>",
        ">Ask first, then build what wins.</p>",
        "href=\"/signup?plan=team\"",
        "</section><p class=\"promise\">Thirty days, no card.</p>",
        "<main class=\"page calm\">",
    ] {
        assert!(page.contains(edit), "{} lacks {edit} in {}", lane.name, subject.name);
    }
    let calls = page.matches("/signup?plan=team").count();
    let expected = if task == Task::One { 1 } else { 2 };
    assert_eq!(calls, expected, "{}: calls to action", lane.name);
    assert!(!page.contains("what is late"), "{} keeps old words", lane.name);
    let (edited, origin) = (page.len(), subject.html.len());
    assert!(edited.abs_diff(origin) < 200, "{}: {edited} of {origin} bytes", lane.name);
}

fn unpacked(reply: &Reply) -> String {
    if reply.headers.get("content-encoding") != Some("gzip") {
        return reply.text();
    }
    let mut page = String::new();
    let mut decoder = GzDecoder::new(reply.body.as_slice());
    decoder.read_to_string(&mut page).expect("the origin's gzip unpacks");
    page
}
