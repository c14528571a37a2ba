//! Everything CI runs, in order, to the end: a failure does not hide the next one.

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::run::{Job, last_lines};
use crate::say;
use crate::tools::{self, Toolchain};
use crate::totals::Totals;
use crate::{build, demo, fastly_cli, paths, size};

/// How much of the words of a failed step is shown; all of them are in its log.
const LINES_SHOWN: usize = 400;

const WASM_TESTS: &str = "--manifest-path wasm-tests/Cargo.toml";
const BASELINES: &str = "--manifest-path wasm-tests/baselines/Cargo.toml";
const LINTS: &str = "--all-targets -- -D warnings";

#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Only the steps whose names hold one of these words, on what was built last
    words: Vec<String>,
}

/// Runs it all and closes with the totals.
pub(crate) fn run(options: Options) -> ExitCode {
    let mut report = Report { words: options.words, ..Report::default() };

    report.step("lint tools", || one(tools::rustfmt_and_clippy()));
    report.step("format", || cargo("format", "fmt --all -- --check --color never"));
    report.step("lints", || cargo("lints", &format!("clippy --workspace {LINTS}")));
    report.step("native tests", || {
        // The edge links only for wasm; it is tested as what it becomes, below.
        cargo("native tests", "test --workspace --exclude edgewise-edge --no-fail-fast")
    });
    report.step("docs", || {
        let job = Job::cargo("docs", "doc --workspace --no-deps");
        words_of(job.env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    let built = report.step("build", || one(build::everything()));
    report.step("sizes", || {
        demand(built)?;
        let over = size::over_budget(&size::measure()?);
        if over.is_empty() {
            Ok(Totals { passed: 1, failed: 0 })
        } else {
            bail!(over.join("; "))
        }
    });
    report.step("lints for wasm", lints_for_wasm);
    report.step("web app", || {
        // Its types come from the browser module.
        demand(built)?;
        words_of(npm("web app checks", "www", &["run", "check"]))
    });
    report.step("format of the wasm tests", || {
        cargo(
            "format of the wasm tests",
            &format!("fmt {WASM_TESTS} -- --check --color never"),
        )
    });
    report.step("lints of the wasm tests", || {
        cargo("lints of the wasm tests", &format!("clippy {WASM_TESTS} {LINTS}"))
    });
    report.step("fuzz targets", || {
        // They only have to compile. libFuzzer itself, which is C++, is not built for that.
        let folder = paths::at("src/engine/fuzz");
        let job = Job::cargo("fuzz targets", "check --locked --bins --manifest-path")
            .arg(folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(paths::target().join("fuzz"))
            .env("CUSTOM_LIBFUZZER_PATH", folder.join("libfuzzer.a"));
        words_of(job)
    });
    report.step("edge module under viceroy", || {
        demand(built)?;
        let viceroy = tools::viceroy()?;
        tools::packages("demo")?;
        let job = Job::cargo(
            "edge module under viceroy",
            &format!("test {WASM_TESTS} --no-fail-fast"),
        );
        let job = job.env("VICEROY", viceroy).env("EDGEWISE_WASM", paths::edge_wasm());
        words_of(job.env("EDGEWISE_CLI", paths::cli()))
    });
    report.step("api contract", || {
        demand(built)?;
        let viceroy = tools::viceroy()?;
        let schemathesis = tools::schemathesis()?;
        let job = Job::cargo(
            "api contract",
            &format!("test {WASM_TESTS} --test api -- --ignored contract"),
        );
        let job = job.env("VICEROY", viceroy).env("EDGEWISE_WASM", paths::edge_wasm());
        words_of(job.env("SCHEMATHESIS", schemathesis))
    });
    report.step("browser module in node and chromium", || {
        demand(built)?;
        let chromium = tools::chromium()?;
        let viceroy = tools::viceroy()?;
        let folder = "wasm-tests/browser";
        tools::packages("demo")?;
        tools::packages(folder)?;
        let job =
            npm("browser module tests", folder, &["test"]).env("CHROMIUM", chromium);
        words_of(job.env("VICEROY", viceroy).env("EDGEWISE_WASM", paths::edge_wasm()))
    });
    report.step("demo datafile", || {
        demand(built)?;
        one(demo::committed_datafile())
    });
    report.step("demo", || {
        demand(built)?;
        demo::check()
    });
    report.step("fastly command line", || {
        demand(built)?;
        fastly_cli::check()
    });

    report.close()
}

#[derive(Default)]
struct Report {
    words: Vec<String>,
    totals: Totals,
    failed: Vec<String>,
}

impl Report {
    /// Runs one step, if it is wanted, and tells whether nothing went wrong.
    fn step(&mut self, name: &str, step: impl FnOnce() -> Result<Totals>) -> bool {
        if !self.words.is_empty() && !self.words.iter().any(|word| name.contains(word)) {
            return true;
        }
        say::step(&format!("== {name}"));
        let began = Instant::now();
        let totals = step().unwrap_or_else(|error| {
            say::error(&error);
            Totals { passed: 0, failed: 1 }
        });
        say::step(&format!("   {name}: {totals} ({} s)", began.elapsed().as_secs()));
        if totals.failed > 0 {
            self.failed.push(name.to_owned());
        }
        self.totals.add(totals);
        totals.failed == 0
    }

    fn close(self) -> ExitCode {
        if self.totals == Totals::default() {
            let message =
                format!("no step is called \"{}\"", self.words.join("\" or \""));
            say::error(&say::trouble(message, "Run all of them: cargo xtask test"));
            return ExitCode::FAILURE;
        }
        if !self.failed.is_empty() {
            say::step(&format!("failed: {}", self.failed.join(", ")));
        }
        say::result(&self.totals.to_string());
        if self.totals.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// A step that is no test counts as one.
fn one(outcome: Result<()>) -> Result<Totals> {
    outcome.map(|()| Totals { passed: 1, failed: 0 })
}

fn demand(built: bool) -> Result<()> {
    if built { Ok(()) } else { bail!("not run: it needs what could not be built") }
}

fn cargo(name: &str, arguments: &str) -> Result<Totals> {
    words_of(Job::cargo(name, arguments))
}

fn npm(name: &str, folder: &str, arguments: &[&str]) -> Job {
    Job::new(name, "npm").folder(paths::at(folder)).args(arguments)
}

/// Runs a program to its end and counts what it reports; shows its words if it fails.
fn words_of(job: Job) -> Result<Totals> {
    let ending = job.finish()?;
    let words = String::from_utf8_lossy(&fs::read(&ending.log)?).into_owned();
    let totals = Totals::of_step(&words, ending.status.success());
    if totals.failed > 0 {
        say::quote(&last_lines(&words, LINES_SHOWN));
        say::step(&format!("   all of it: {}", ending.log.display()));
    }
    Ok(totals)
}

/// The parts that only exist for wasm; the others were linted natively.
fn lints_for_wasm() -> Result<Totals> {
    let toolchain = tools::wasm_targets()?;
    if !matches!(toolchain, Toolchain::Usual) {
        say::step("   not run: Debian's compiler for wasm comes without a linter");
        return Ok(Totals::default());
    }
    let mut totals = Totals::default();
    let lints = [
        "clippy --package edgewise-edge --target wasm32-wasip1 -- -D warnings",
        "clippy --package edgewise-browser --target wasm32-unknown-unknown -- -D warnings",
        &format!("fmt {BASELINES} --all -- --check --color never"),
        &format!("clippy {BASELINES} --workspace --target wasm32-wasip1 -- -D warnings"),
    ];
    for (number, arguments) in lints.iter().enumerate() {
        totals.add(cargo(&format!("lints for wasm {number}"), arguments)?);
    }
    Ok(totals)
}
