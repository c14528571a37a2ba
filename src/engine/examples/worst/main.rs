//! What the worst visits, policies, pages and plans that we know of cost: for each the processor time of its most expensive piece, of the
//! whole page, and how late the rewriter would stop at a budget, in the piece that breaks it. `cargo xtask bench` runs it in
//! wasm; `cargo run --release --example worst` shows the same natively.

#![allow(missing_docs, reason = "nobody imports it")]
#![allow(clippy::unwrap_used, reason = "an example may")]
#![allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
#![allow(clippy::disallowed_macros, reason = "printing is what it is for")]
#![allow(clippy::print_stdout, reason = "printing is what it is for")]
#![allow(clippy::too_many_lines, reason = "lists of cases")]
#![allow(clippy::format_collect, reason = "speed of making cases does not count")]

mod draft;
mod heads;
mod pages;
mod visits;

use std::time::Duration;

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Whether a case is measured: all are where no words are given, else those that have one of them in their names.
pub(crate) fn is_wanted(name: &str, words: &[String]) -> bool {
    words.is_empty() || words.iter().any(|word| name.contains(word))
}

fn main() {
    let wanted: Vec<_> = std::env::args().skip(1).collect();
    visits::measure(&wanted);
    heads::measure(&wanted);
    pages::measure(&wanted);
}
