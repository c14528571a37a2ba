//! What Edgewise costs: a pass-through module, a hard-coded rewriter with the same five
//! edits, and Edgewise, in front of the same pages, in one interleaved run. Then the same
//! with edits to one element each, and with a hundred selectors; and how much memory the
//! engine takes.
//!
//! `cargo xtask bench` builds the three modules and runs this. `BENCH_QUICK=1` makes a
//! short run of it, to see that it works; `BENCH_ONLY=ratios` leaves out all but what
//! of a bare pass-through's speed is left.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod cpu;
mod heap;
mod lanes;
mod measure;
mod pages;
mod ratios;
mod table;

use std::env;

use measure::Effort;
use pages::Task;

fn main() {
    let effort =
        if env::var_os("BENCH_QUICK").is_some() { Effort::QUICK } else { Effort::FULL };
    println!("{}", ratios::render(effort));
    if env::var_os("BENCH_ONLY").is_some_and(|only| only == "ratios") {
        return;
    }
    let mut results = Vec::new();
    for task in Task::EACH {
        let subjects = pages::subjects(task);
        let lanes = lanes::start(task, &subjects);
        for subject in &subjects {
            for lane in &lanes {
                lanes::check(lane, subject);
            }
        }
        eprintln!("every module serves what it should; measuring");
        results.extend(measure::run(&lanes, &subjects, effort));
    }
    println!("{}", table::render(&results, effort));
    println!("{}", heap::render());
}
