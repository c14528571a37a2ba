use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{memory_of, several_at_once};
use crate::setup::{Folder, path_from};
use crate::{Site, datafile, html};

/// What became of many visitors' requests.
#[derive(Debug)]
pub struct Steady {
    /// How many requests there were.
    pub requests: usize,
    /// Those that were not answered with the whole page; the first few of them in words.
    pub errors: Vec<String>,
    /// Visitors who were shown another variant than the engine decides for them natively.
    pub wrong: usize,
    /// How many were shown each variant.
    pub shown: BTreeMap<String, usize>,
    /// How many of the requests came without a cookie.
    pub new: usize,
    /// How long it took.
    pub took: Duration,
    /// The runtime's resident memory before and after, KiB.
    pub memory: (u64, u64),
}

const WORDS: [&str; 3] = ["As it was", "First words", "Second words"];
const VARIANTS: [&str; 3] = ["control", "first", "second"];

fn experiment() -> Value {
    let mut experiment = datafile::everybody("shares", "/", json!([]));
    let variant = |number: usize, from: u32, to: u32| {
        let changes = match number {
            0 => json!([]),
            _ => json!([datafile::text("h1", WORDS[number])]),
        };
        let key = VARIANTS[number];
        json!({ "key": key, "name": key, "weight": to - from, "allocation": [[from, to]], "changes": changes })
    };
    experiment["variants"] = json!([
        variant(0, 0, 2_500),
        variant(1, 2_500, 6_000),
        variant(2, 6_000, 10_000)
    ]);
    datafile::of([experiment])
}

/// Sends that many requests, three of four with a cookie of the visitor's own and the others without, and compares every
/// page with the engine's native decision for its visitor.
pub fn steady(requests: usize) -> Steady {
    let page = format!(
        "<!doctype html><title>Site</title><body><h1>{}</h1>{}</body>",
        WORDS[0],
        "<p>Words.</p>".repeat(100)
    );
    let site =
        Site::serving("/", html(&page)).with_datafile(experiment()).for_measuring();
    site.get("/").visitor("first").send().is(200);
    let before = memory_of(site.pid());
    let errors = Mutex::new(Vec::new());
    let seen = Mutex::new(Vec::with_capacity(requests));
    let began = Instant::now();
    several_at_once(requests, |number| {
        let is_new = number % 4 == 3;
        let request = site.get("/").navigating();
        let request =
            if is_new { request } else { request.visitor(&format!("visitor-{number}")) };
        let Some(reply) = request.try_send() else {
            errors.lock().expect("nobody panics").push(format!("{number}: no answer"));
            return true;
        };
        let text = reply.text();
        let shown = WORDS.iter().position(|words| {
            text == page
                .replace(&format!("<h1>{}</h1>", WORDS[0]), &format!("<h1>{words}</h1>"))
        });
        let cookies = reply.sets_cookie("edgewise").len();
        match shown {
            Some(shown) if reply.status == 200 && cookies == 1 => {
                let entry = (reply.visitor().to_owned(), shown, is_new);
                seen.lock().expect("nobody panics").push(entry);
            }
            _ => {
                let error =
                    format!("{number}: {} with {} bytes", reply.status, text.len());
                errors.lock().expect("nobody panics").push(error);
            }
        }
        if number % 10_000 == 0 {
            site.origin().forget();
        }
        true
    });
    let took = began.elapsed();
    let after = memory_of(site.pid());
    let seen = seen.into_inner().expect("nobody panics");
    let decided = decide(&experiment(), seen.iter().map(|(visitor, ..)| visitor));
    let wrong = seen
        .iter()
        .zip(&decided)
        .filter(|((_, shown, _), right)| VARIANTS[*shown] != *right);
    let mut shown = BTreeMap::new();
    for (_, number, _) in &seen {
        *shown.entry(VARIANTS[*number].to_owned()).or_default() += 1;
    }
    Steady {
        requests,
        wrong: wrong.count(),
        shown,
        new: seen.iter().filter(|(.., is_new)| *is_new).count(),
        errors: errors.into_inner().expect("nobody panics"),
        took,
        memory: (before, after),
    }
}

/// What the engine decides natively for each visitor: the command line says it.
fn decide<'a>(
    datafile: &Value,
    visitors: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let folder = Folder::new();
    folder.write("datafile.json", datafile.to_string().as_bytes());
    let visits: Vec<_> = visitors
        .map(|visitor| {
            let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
            json!({ "visitor": visitor, "url": "http://127.0.0.1/", "headers": { "user-agent": agent } }).to_string()
        })
        .collect();
    let mut process =
        Command::new(path_from("EDGEWISE_CLI", "../target/release/edgewise"))
            .args(["decide", "--batch", "--datafile"])
            .arg(folder.file("datafile.json"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command line is built; `cargo xtask build` does");
    let mut stdin = process.stdin.take().expect("it was piped");
    let feeding = thread::spawn(move || {
        for visit in visits {
            writeln!(stdin, "{visit}").expect("it reads to the end");
        }
    });
    let output = process.wait_with_output().expect("it runs");
    feeding.join().expect("it read to the end");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let variant = |line: &str| {
        let decided: Value = serde_json::from_str(line).expect("a decision is JSON");
        decided["decisions"][0]["variant"].as_str().unwrap_or_default().to_owned()
    };
    lines.lines().map(variant).collect()
}
