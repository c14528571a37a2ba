//! How much the module costs, next to one that does nothing and one that is written by hand.

use std::process::ExitCode;

use anyhow::Result;

use crate::run::Job;
use crate::tools;
use crate::{build, paths};

#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Words for the bench itself
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let viceroy = tools::viceroy()?;
    build::edge()?;
    let toolchain = tools::wasm_targets()?;
    let baselines = paths::at("wasm-tests/baselines");
    let arguments = "build --release --target wasm32-wasip1 --manifest-path wasm-tests/baselines/Cargo.toml";
    build::cargo(
        "baseline modules",
        &format!("{arguments} --target-dir wasm-tests/baselines/target"),
        &toolchain,
    )?;

    let manifest = "--manifest-path wasm-tests/Cargo.toml";
    build::cargo(
        "bench",
        &format!("build --release {manifest} --bin bench"),
        &tools::Toolchain::Usual,
    )?;
    // Its table is what was asked for: straight to the terminal, not to a log.
    let arguments = format!("run --quiet --release {manifest} --bin bench --");
    let status = Job::cargo("bench", &arguments)
        .args(&options.words)
        .env("VICEROY", viceroy)
        .env("EDGEWISE_WASM", paths::edge_wasm())
        .env("BASELINES", baselines.join("target/wasm32-wasip1/release"))
        .on_screen()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
