//! The three modules, each with an origin and a runtime of its own.

use std::io::Read;
use std::path::PathBuf;

use edgewise_wasm_tests::{Gate, Reply, Request, Site, baseline, datafile, edgewise};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::pages::{Subject, THOUGHT};

/// One module at work.
pub(crate) struct Lane {
    pub(crate) name: &'static str,
    pub(crate) site: Site,
    pub(crate) gate: Gate,
    edits: bool,
}

impl Lane {
    /// A visitor's request for a page.
    pub(crate) fn request(&self, subject: &Subject, path: &str) -> Request<'_> {
        let request = self.site.get(path).visitor("somebody");
        // Whoever accepts gzip gets it from the pass-through; the others unpack it.
        if subject.gzip { request.header("Accept-Encoding", "gzip") } else { request }
    }
}

pub(crate) fn start(subjects: &[Subject]) -> [Lane; 3] {
    let lane = |name, module: PathBuf, edits| {
        let gate = Gate::new();
        let site = Site::serving("/", edgewise_wasm_tests::html("up"))
            .through(module)
            .with_datafile(experiment())
            .for_measuring();
        let site = subjects.iter().fold(site, |site, subject| {
            site.and(subject.path, subject.answer())
                .and(&subject.halved_path(), subject.halved_answer(&gate))
                .and(&subject.slow_path(), subject.halved_answer(&gate).thinking(THOUGHT))
        });
        Lane { name, site, gate, edits }
    };
    [
        lane("pass-through", baseline("passthrough"), false),
        lane("hard-coded", baseline("hardcoded"), true),
        lane("Edgewise", edgewise(), true),
    ]
}

/// The five edits of `baselines/hardcoded/src/edits.rs`, as an experiment.
fn experiment() -> Value {
    let changes = json!([
        { "selector": "h1", "text": "Ship calm software, faster" },
        { "selector": ".lead", "text": "Ask first, then build what wins." },
        { "selector": "a.cta", "attribute": { "href": "/signup?plan=team" } },
        { "selector": "#plans", "insert": {
            "after": "<p class=\"promise\">Thirty days, no card.</p>"
        } },
        { "selector": "main", "class": { "add": ["calm"], "remove": [] } },
    ]);
    let mut experiment = datafile::everybody("calm", "/", changes);
    experiment["pages"]["include"] = json!([{ "prefix": "/" }]);
    datafile::of([experiment])
}

/// Stops the run where a module does not serve what its numbers would stand for.
pub(crate) fn check(lane: &Lane, subject: &Subject) {
    let reply = lane.request(subject, subject.path).send();
    reply.is(200);
    let page = unpacked(&reply);
    if lane.edits {
        for edit in [
            ">Ship calm software, faster</h1>",
            ">Ask first, then build what wins.</p>",
            "href=\"/signup?plan=team\"",
            "</section><p class=\"promise\">Thirty days, no card.</p>",
            "<main class=\"page calm\">",
        ] {
            assert!(
                page.contains(edit),
                "{} lacks {edit} in {}",
                lane.name,
                subject.name
            );
        }
        let calls = page.matches("/signup?plan=team").count();
        assert_eq!(calls, 2, "{} edits every call to action", lane.name);
        assert!(!page.contains("what is late"), "{} keeps old words", lane.name);
        let (edited, origin) = (page.len(), subject.html.len());
        assert!(
            edited.abs_diff(origin) < 200,
            "{}: {edited} of {origin} bytes",
            lane.name
        );
    } else {
        assert!(page == subject.html, "{} is not the origin's page", lane.name);
    }
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
