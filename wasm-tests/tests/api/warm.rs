//! A publish that a sandbox hears nothing of, because another one made it: how long its visitors wait for it. The only
//! tests of these that wait for time to pass, because time is what they are about.

use std::thread;
use std::time::{Duration, Instant};

use edgewise_wasm_tests::{Gate, Site, datafile, html};
use serde_json::json;

use crate::support::{PAGE, PROMISED, experiment, page, send};

/// When a sandbox looks at the store before it answers, whatever it knows (`src/edge/PUBLISHING.md`).
const STALE: Duration = Duration::from_secs(8);

/// How often a sandbox is asked. The runtime gives it six requests, the last of which comes a little before the promised
/// time is over: a sandbox that does not look by then shows what was there before.
const BETWEEN: Duration = Duration::from_millis(2_200);

/// A sandbox that was there before a publish, and does not know of it.
struct Warm {
    site: Site,
    published: Instant,
}

impl Warm {
    /// Publishes while a sandbox is busy with rewriting its first page, so that the publish comes to another. Once it is
    /// done with the page it is the one that is asked, because the runtime takes the one that came to rest last; where
    /// a request was faster than that, everything is done again.
    fn up() -> Self {
        for _ in 0..9 {
            let gate = Gate::new();
            let held = html(PAGE).then_wait(&gate).then("the end");
            let site = Site::serving("/", html(PAGE))
                .and("/held", held)
                .with_datafile(datafile::below("/"));
            let mut busy = site.get("/held").visitor("alice").open();
            busy.wait_for("</h1>");
            publish(&site, "New words");
            let published = Instant::now();
            gate.open();
            busy.finish().shows("the end");
            drop(site.log());
            let warm = Self { site, published };
            if !warm.shows_it() {
                return warm;
            }
        }
        panic!("no request came to the sandbox that was there before");
    }

    /// Whether visitors are shown what was published.
    fn shows_it(&self) -> bool {
        page(&self.site).contains(">New words<")
    }
}

/// Shows everybody these words, where nothing has been published before.
#[track_caller]
fn publish(site: &Site, words: &str) {
    let mut experiment = experiment("hero", words);
    experiment["status"] = json!("running");
    let draft = json!({ "draft": { "experiments": [experiment] } });
    let request = send(site, "PUT", "/live", &draft);
    request.header("If-Match", "\"0\"").send().is(200);
}

#[test]
fn a_sandbox_with_visitors_shows_what_was_published_within_ten_seconds() {
    let warm = Warm::up();
    let mut waited = warm.published.elapsed();
    while waited < PROMISED {
        thread::sleep(BETWEEN);
        waited = warm.published.elapsed();
        if warm.shows_it() {
            break;
        }
    }
    assert!(waited < PROMISED, "it is shown after {waited:?}");
}

#[test]
fn a_sandbox_that_rested_for_eight_seconds_looks_before_it_answers() {
    let warm = Warm::up();
    thread::sleep(STALE.saturating_sub(warm.published.elapsed()));
    assert!(warm.shows_it());
}
