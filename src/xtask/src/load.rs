//! Many requests through the built module: every visitor is shown what the engine decides, and memory stays flat.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::run::Job;
use crate::tools::{self, Toolchain};
use crate::{build, paths};

const LOAD: &str = "--manifest-path wasm-tests/Cargo.toml --bin load";

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How many requests; without it 200,000, or as many hostile ones as there is time for
    #[arg(long)]
    requests: Option<usize>,
    /// How long hostile traffic lasts; without it 10 minutes
    #[arg(long, requires = "hostile")]
    minutes: Option<u64>,
    /// Send what means harm
    #[arg(long)]
    hostile: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let viceroy = tools::viceroy()?;
    build::everything()?;
    build::cargo("load", &format!("build --release {LOAD}"), &Toolchain::Usual)?;
    let mut arguments = format!("run --quiet --release {LOAD} --");
    for (name, number) in [
        ("--requests", options.requests.map(|n| n as u64)),
        ("--minutes", options.minutes),
    ] {
        if let Some(number) = number {
            arguments.push_str(&format!(" {name} {number}"));
        }
    }
    if options.hostile {
        arguments.push_str(" --hostile");
    }
    let status = Job::cargo("load", &arguments)
        .env("VICEROY", &viceroy)
        .env("EDGEWISE_WASM", paths::edge_wasm())
        .env("EDGEWISE_CLI", paths::cli())
        .on_screen()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
