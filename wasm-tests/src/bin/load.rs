//! Many requests through the built module. `cargo xtask load` builds what it needs and runs this:
//! `load [--requests N] [--minutes M] [--hostile]`.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use edgewise_wasm_tests::load::{AT_ONCE, harm, steady};

fn main() -> ExitCode {
    let words: Vec<_> = env::args().skip(1).collect();
    let number = |name: &str| -> Option<u64> {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1)?.parse().ok()
    };
    let requests = number("--requests").and_then(|count| usize::try_from(count).ok());
    let mib = |kib: u64| kib / 1_024;
    if words.iter().any(|word| word == "--hostile") {
        let time = number("--minutes").map(|minutes| Duration::from_secs(60 * minutes));
        let done =
            harm(requests.unwrap_or(usize::MAX), time.or(Some(Duration::from_secs(600))));
        let [first, last, peak] = done.memory.map(mib);
        println!(
            "{} hostile requests in {} s, {AT_ONCE} at once: {} ordinary visitors without their page\n\
             memory of the runtime: {first} MiB after the first tenth, {last} MiB at the end, {peak} MiB at most",
            done.requests,
            done.took.as_secs(),
            done.errors.len(),
        );
        let is_flat = done.is_flat();
        println!(
            "{}",
            match is_flat {
                Some(true) => "memory stayed flat",
                Some(false) => "memory grew by more than a quarter",
                None => "too few requests to tell whether memory stays flat",
            }
        );
        return code(done.errors.is_empty() && is_flat != Some(false));
    }
    let done = steady(requests.unwrap_or(200_000));
    let answered: usize = done.shown.values().sum();
    println!(
        "{} requests in {} s, {AT_ONCE} at once: {} a second, {} errors, {} shown another variant than the engine decides\n\
         of these {} came without a cookie",
        done.requests,
        done.took.as_secs(),
        done.requests * 1_000
            / usize::try_from(done.took.as_millis()).unwrap_or(usize::MAX).max(1),
        done.errors.len(),
        done.wrong,
        done.new,
    );
    for (variant, count) in &done.shown {
        println!("{variant}: {count}, {} of 10,000", count * 10_000 / answered.max(1));
    }
    println!(
        "memory of the runtime: {} MiB before, {} MiB after",
        mib(done.memory.0),
        mib(done.memory.1)
    );
    done.errors.iter().take(5).for_each(|error| println!("{error}"));
    code(done.errors.is_empty() && done.wrong == 0)
}

fn code(is_good: bool) -> ExitCode {
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
