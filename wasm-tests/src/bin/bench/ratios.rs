//! What of a bare pass-through's speed is left: for requests that Edgewise has nothing to do with, and for a page with
//! three experiments. The two modules take turns, batch by batch, and each ratio is of two batches that were neighbours.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use edgewise_wasm_tests::{
    Published, Request, Site, asset, baseline, datafile, edgewise, html, sha256,
};
use serde_json::{Value, json};

use crate::cpu;
use crate::measure::{AT_ONCE, Effort, median};
use crate::pages::{THOUGHT, landing_page};

/// One sort of request, and how much of the pass-through's requests a second it is to keep.
struct Kind {
    name: &'static str,
    /// None for what is only told.
    goal: Option<f64>,
    ask: fn(&Site) -> Request<'_>,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "page without an experiment",
        goal: Some(0.95),
        ask: |site| site.get("/about").visitor("somebody").navigating(),
    },
    Kind {
        name: "the same, somebody new",
        goal: Some(0.95),
        ask: |site| site.get("/about").navigating(),
    },
    Kind {
        name: "asset",
        goal: Some(0.95),
        ask: |site| {
            let request = site.get("/app.js").visitor("somebody");
            request.header("Accept", "*/*").header("Sec-Fetch-Dest", "script")
        },
    },
    Kind {
        name: "POST to the site's API",
        goal: Some(0.95),
        ask: |site| {
            let request = site.post("/api/cart", "{\"add\":[1,2,3]}").visitor("somebody");
            request.header("Accept", "application/json").header("Sec-Fetch-Dest", "empty")
        },
    },
    Kind {
        name: "page with three experiments",
        goal: Some(0.75),
        ask: |site| site.get("/").visitor("somebody").navigating(),
    },
    Kind {
        name: "the same, another page each time",
        goal: None,
        ask: |site| site.get("/numbered").visitor("somebody").navigating(),
    },
];

/// The table.
pub(crate) fn render(effort: Effort) -> String {
    let lanes = [site(baseline("passthrough")), site(edgewise())];
    check(&lanes);
    let (rounds, requests) = (2 * effort.rounds, 2 * effort.requests);
    let mut text = format!(
        "### Of the pass-through's speed\n\n{rounds} rounds of {requests} requests, {AT_ONCE} visitors at once, a new \
         connection for each request. Medians over the rounds of the ratio of two batches in a row.\n\n\
         | request | pass-through, requests/s | Edgewise, requests/s | ratio | quartiles | goal | pass-through, CPU ms | \
         Edgewise, CPU ms | times |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    );
    for kind in &KINDS {
        for lane in &lanes {
            batch(lane, kind.ask, requests);
        }
        let pairs = (0..rounds).map(|round| {
            // Another module is first in every round.
            let mut rates = [[0.0; 2]; 2];
            for turn in [round % 2, (round + 1) % 2] {
                rates[turn] = batch(&lanes[turn], kind.ask, requests);
            }
            rates
        });
        let pairs: Vec<_> = pairs.collect();
        let of = |measure: usize, lane: usize| {
            median(pairs.iter().map(|pair| pair[lane][measure]).collect())
        };
        let ratios = |measure: usize| {
            let mut ratios: Vec<_> =
                pairs.iter().map(|[bare, own]| own[measure] / bare[measure]).collect();
            ratios.sort_by(f64::total_cmp);
            [1, 2, 3].map(|quarter| ratios[ratios.len() * quarter / 4])
        };
        let [low, middle, high] = ratios(0);
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {middle:.3} | {low:.3} to {high:.3} | {} | {:.3} | {:.3} | {:.3} |",
            kind.name,
            of(0, 0),
            of(0, 1),
            kind.goal.map(|goal| goal.to_string()).unwrap_or_default(),
            of(1, 0),
            of(1, 1),
            ratios(1)[1],
        );
    }
    first_bytes(&lanes, effort, &mut text);
    text
}

fn site(module: std::path::PathBuf) -> Site {
    let page = landing_page(40_000);
    let (first, second) = page.split_at(page.len() / 2);
    let numbered =
        page.replacen("<head>", "<head>\n<meta name=token content=(number)>", 1);
    // As `edgewise publish` leaves it.
    let experiments = [
        experiment("headline", "h1"),
        experiment("lead", ".lead"),
        experiment("call", "a.cta"),
    ];
    let datafile = Published::of_json(json!({ "experiments": experiments })).compiled;
    let hash = sha256(&datafile);
    let gateless = html(first).then(second).chunked();
    Site::serving("/", html(&page))
        .and("/about", html(&page))
        .and("/numbered", html(numbered).numbered())
        .and("/slow", gateless.thinking(THOUGHT))
        .and("/app.js", asset("text/javascript", "let a = 1;\n".repeat(4_000)))
        .and("/api/cart", asset("application/json", "{\"items\":[1,2,3]}"))
        .with_stored(&format!("datafile-{hash}"), &datafile)
        .with_pointer(&json!(1), &hash)
        .through(module)
        .for_measuring()
}

/// An experiment that shows everybody other words.
fn experiment(key: &str, selector: &str) -> Value {
    let changes = json!([datafile::text(selector, "Other words")]);
    let mut experiment = datafile::draft_for_everybody(key, changes);
    experiment["pages"]["include"] =
        json!([{ "exact": "/" }, { "exact": "/slow" }, { "exact": "/numbered" }]);
    experiment
}

/// Stops the run where the numbers would stand for something else.
fn check([bare, own]: &[Site; 2]) {
    for kind in &KINDS {
        let [bare, own] = [bare, own].map(|lane| (kind.ask)(lane).send());
        bare.is(200);
        if kind.goal.is_some_and(|goal| goal > 0.9) {
            own.is(200).holds(&bare.body);
        } else {
            assert_eq!(own.text().matches("Other words").count(), 4, "its changes");
        }
    }
}

/// Requests a second, and milliseconds of the runtime's processor time for each.
fn batch(site: &Site, ask: fn(&Site) -> Request<'_>, requests: usize) -> [f64; 2] {
    let before = cpu::used_by(site.pid());
    let each = requests.div_ceil(AT_ONCE);
    let started_at = Instant::now();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                for _ in 0..each {
                    ask(site).send().is(200);
                }
            });
        }
    });
    let answered = u32::try_from(each * AT_ONCE).expect("a batch is small");
    let took = started_at.elapsed();
    let used = cpu::used_by(site.pid()).saturating_sub(before);
    let (answered, used) = (f64::from(answered), used.as_secs_f64() * 1_000.0);
    [answered / took.as_secs_f64(), used / answered]
}

/// The page with three experiments, by an origin that thinks before it says anything.
fn first_bytes(lanes: &[Site; 2], effort: Effort, text: &mut String) {
    let first_byte = |site: &Site| {
        site.get("/slow").visitor("somebody").navigating().send().first_byte
    };
    let pairs = (0..4 * effort.rounds).map(|round| {
        let mut times = [Duration::ZERO; 2];
        for turn in [round % 2, (round + 1) % 2] {
            times[turn] = first_byte(&lanes[turn]);
        }
        times.map(|time| time.as_secs_f64() * 1_000.0)
    });
    let pairs: Vec<_> = pairs.collect();
    let ratio = median(pairs.iter().map(|[bare, own]| own / bare).collect());
    let _ = writeln!(
        text,
        "\nFirst byte of the page with three experiments, by an origin that thinks {} ms: {:.1} ms after {:.1} ms, \
         {ratio:.3} times (goal: at most 1.1).",
        THOUGHT.as_millis(),
        median(pairs.iter().map(|pair| pair[1]).collect()),
        median(pairs.iter().map(|pair| pair[0]).collect()),
    );
}
