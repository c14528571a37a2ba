//! How much the module costs, next to one that does nothing and one that is written by hand.

use std::process::{ExitCode, ExitStatus};

use anyhow::Result;

use crate::run::Job;
use crate::tools::{self, Toolchain};
use crate::{build, paths};

const TABLE: &str = "--manifest-path wasm-tests/Cargo.toml --bin bench";
const EXAMPLES: &str = "build --release --target wasm32-wasip1 --package edgewise-engine --example opening --example worst";
const BASELINES: &str = "wasm-tests/baselines";

pub(crate) fn run() -> Result<ExitCode> {
    let viceroy = tools::viceroy()?;
    build::everything()?;
    // In a target folder of their own, where nothing else is called as they are.
    let arguments = format!(
        "build --release --target wasm32-wasip1 --manifest-path {BASELINES}/Cargo.toml \
         --target-dir {BASELINES}/target"
    );
    build::cargo("baseline modules", &arguments, &tools::wasm_targets()?)?;
    build::cargo("bench", &format!("build --release {TABLE}"), &Toolchain::Usual)?;
    build::cargo("examples", EXAMPLES, &tools::wasm_targets()?)?;
    // Its table is what was asked for: it goes to the terminal, not to a log.
    let status = Job::cargo("bench", &format!("run --quiet --release {TABLE}"))
        .env("VICEROY", &viceroy)
        .env("EDGEWISE_WASM", paths::edge_wasm())
        .env("EDGEWISE_CLI", paths::cli())
        .env(
            "EDGEWISE_BASELINES",
            paths::at(BASELINES).join("target/wasm32-wasip1/release"),
        )
        .on_screen()?;
    // Datafiles of many experiments, in the same runtime.
    let example = |name: &str| {
        let file = format!("wasm32-wasip1/release/examples/{name}.wasm");
        Job::new(name, &viceroy).arg("run").arg(paths::target().join(file)).on_screen()
    };
    let opened = example("opening")?;
    // The worst pages and plans that are known.
    let worst = example("worst")?;
    Ok(if [status, opened, worst].iter().all(ExitStatus::success) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
