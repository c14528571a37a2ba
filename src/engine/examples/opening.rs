//! What it costs to open a datafile, to check its hash, and to decide a visit, where the edge runs: in wasm. `cargo xtask
//! bench` builds it for `wasm32-wasip1` and runs it in `viceroy`; `cargo run --release --example opening` shows the same
//! natively.

#![allow(missing_docs, reason = "nobody imports it")]
#![allow(clippy::unwrap_used, reason = "an example may")]
#![allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
#![allow(clippy::disallowed_macros, reason = "printing is what it is for")]
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

#[path = "../benches/many/mod.rs"]
mod many;

use std::hint::black_box;
use std::time::{Duration, Instant};

use edgewise_engine::registry::hash;
use edgewise_engine::{Datafile, VisitorId};

use self::many::{datafile, decide, visit};

/// How often a datafile is opened, and how many visits are timed together.
const TIMES: u32 = 51;
const VISITS: u32 = 5_000;

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let made = work();
    let elapsed = start.elapsed();
    drop(black_box(made));
    elapsed
}

fn main() {
    let visitor = VisitorId::from_random([7; 16]);
    let visit = visit(0);
    println!(
        "{:>12} {:>10} {:>12} {:>12} {:>16} {:>16} {:>10}",
        "experiments",
        "bytes",
        "JSON opened",
        "hashed",
        "compiled opened",
        "and first visit",
        "a visit"
    );
    for count in [1, 3, 100, 1_000, 10_000] {
        let (json, compiled) = {
            let datafile = datafile(count);
            (datafile.to_json().into_bytes(), datafile.compile())
        };
        let open = |bytes: &[u8]| Datafile::open(bytes.to_vec()).unwrap();
        let opened = |bytes: &[u8], times: u32| {
            median((0..times).map(|_| timed(|| open(bytes))).collect())
        };
        let hashed = median((0..TIMES).map(|_| timed(|| hash(&compiled))).collect());
        let first = (0..TIMES).map(|_| {
            timed(|| {
                let datafile = open(&compiled);
                decide(&datafile, &visit, &visitor);
                datafile
            })
        });
        let first = median(first.collect());
        let datafile = open(&compiled);
        let visits = |_| {
            timed(|| {
                (0..VISITS).map(|_| decide(&datafile, &visit, &visitor)).sum::<usize>()
            })
        };
        let a_visit = median((0..TIMES).map(visits).collect()) / VISITS;
        println!(
            "{count:>12} {:>10} {:>12.1?} {:>12.1?} {:>16.1?} {:>16.1?} {:>10.1?}",
            compiled.len(),
            opened(&json, 5),
            hashed,
            opened(&compiled, TIMES),
            first,
            a_visit
        );
    }
}
