//! The engine against pages that libFuzzer thinks up, told what each of them reached.
//!
//! Instrumenting code takes no compiler of another kind: the flags below are `rustc`'s own. libFuzzer itself is C++, so a
//! C++ compiler has to be there.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use crate::run::Job;
use crate::{paths, say};

/// What libFuzzer needs to see where an input leads.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table --cfg fuzzing";

/// The longest page, bytes.
const MAX_PAGE: usize = 700;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What is held against the pages
    #[arg(value_enum)]
    target: Target,
    /// How many pages
    #[arg(long, default_value_t = 100_000)]
    runs: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Target {
    /// A page that no change touches comes out as it went in, however it is cut into chunks
    Untouched,
    /// Every kind of change is made or refused, counted, and the same however the page is cut
    Edited,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Edited => "edited",
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let name = options.target.name();
    let folder = paths::at("src/engine/fuzz");
    let target = paths::target().join("fuzz");
    say::step("fuzz: cargo build");
    Job::cargo("fuzz", "build --release --locked")
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .args(["--bin", name, "--target", "x86_64-unknown-linux-gnu", "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", INSTRUMENTED)
        .run()?;
    // What was found to lead somewhere new is kept, and is where the next run starts.
    let corpus = target.join("corpus").join(name);
    fs::create_dir_all(&corpus).context("make a folder for what is found")?;
    let pages = first_pages(&target)?;
    let status =
        Job::new("fuzz", target.join("x86_64-unknown-linux-gnu/release").join(name))
            .folder(&target)
            .arg(corpus)
            .arg(pages)
            .arg(format!("-runs={}", options.runs))
            .arg(format!("-max_len={MAX_PAGE}"))
            .arg(format!("-dict={}", folder.join("html.dict").display()))
            .args(["-seed=1", "-print_final_stats=1"])
            .on_screen()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The golden cases' pages as inputs, each with two bytes in front that say how it is cut and which changes are made.
fn first_pages(target: &std::path::Path) -> Result<std::path::PathBuf> {
    let folder = target.join("pages");
    fs::create_dir_all(&folder).context("make a folder for the first pages")?;
    let cases = paths::at("src/engine/tests/golden");
    let cases =
        fs::read_dir(&cases).with_context(|| format!("list {}", cases.display()))?;
    for (number, case) in (0_u8..=u8::MAX).cycle().zip(cases) {
        let case = case.context("list the golden cases")?;
        let Ok(page) = fs::read(case.path().join("input.html")) else { continue };
        let mut input = vec![number, 3];
        input.extend_from_slice(&page[..page.len().min(MAX_PAGE - 2)]);
        fs::write(folder.join(case.file_name()), input).context("write a first page")?;
    }
    Ok(folder)
}
