//! A publish that a sandbox hears nothing of, because another one made it: how long its visitors wait for it. The only
//! tests of these that wait for time to pass, because time is what they are about.

use std::thread;
use std::time::{Duration, Instant};

use edgewise_wasm_tests::{Gate, Site, html};
use serde_json::json;

use crate::support::{PAGE, PROMISED, experiment, page, send, site};

/// When a sandbox looks at the store before it answers, whatever it knows (`src/edge/PUBLISHING.md`).
const STALE: Duration = Duration::from_secs(8);

/// How often a sandbox is asked: the runtime gives it six requests, and they have to reach that far.
const BETWEEN: Duration = Duration::from_secs(2);

/// A sandbox that was there before a publish, and does not know of it.
struct Warm {
    site: Site,
    published: Instant,
    words: String,
}

impl Warm {
    /// Publishes while a sandbox is busy with rewriting a page, so that the publish comes to another. Once it is done with
    /// the page it is the one that is asked, because the runtime takes the one that came to rest last; where a
    /// request was faster than that, everything is done again.
    fn up() -> Self {
        let gate = Gate::new();
        let held = html(PAGE).then_wait(&gate).then("the end");
        let site = site().and("/held", held);
        publish(&site, "Words 0", 0);
        for revision in 1..20 {
            let words = format!("Words {revision}");
            let mut busy = site.get("/held").visitor("alice").open();
            busy.wait_for("</h1>");
            publish(&site, &words, revision);
            let published = Instant::now();
            gate.admit_one();
            busy.finish().shows("the end");
            drop(site.log());
            if !page(&site).contains(&words) {
                return Self { site, published, words };
            }
        }
        panic!("no request came to the sandbox that was there before");
    }

    /// Whether visitors are shown what was published.
    fn shows_it(&self) -> bool {
        page(&self.site).contains(&self.words)
    }
}

/// Publishes these words on all pages, over a revision.
#[track_caller]
fn publish(site: &Site, words: &str, revision: u64) {
    let mut experiment = experiment("hero", words);
    experiment["status"] = json!("running");
    experiment["pages"] = json!({ "include": [{ "prefix": "/" }] });
    let draft = json!({ "draft": { "experiments": [experiment] } });
    let request = send(site, "PUT", "/live", &draft);
    request.header("If-Match", &format!("\"{revision}\"")).send().is(200);
}

#[test]
fn a_sandbox_with_visitors_shows_what_was_published_within_ten_seconds() {
    let warm = Warm::up();
    while !warm.shows_it() {
        let waited = warm.published.elapsed();
        assert!(waited < PROMISED, "it is not shown after {waited:?}");
        thread::sleep(BETWEEN);
    }
}

#[test]
fn a_sandbox_that_rested_for_eight_seconds_looks_before_it_answers() {
    let warm = Warm::up();
    thread::sleep(STALE.saturating_sub(warm.published.elapsed()));
    assert!(warm.shows_it());
}
