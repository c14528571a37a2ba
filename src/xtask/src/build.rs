//! The release artefacts, in the order in which one needs the other: the browser
//! module, the web app around it, the edge module that embeds the app, the CLI.

use std::process::ExitCode;

use anyhow::Result;

use crate::run::Job;
use crate::stamp::{self, Stamp, Turn};
use crate::tools::{self, Toolchain};
use crate::{paths, say, size};

#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Only the module for Fastly and what it embeds; the Fastly CLI reads this word
    #[arg(long, value_parser = ["edgewise-edge"])]
    bin: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.bin.is_some() {
        edge()?;
        say::step(&format!("edge module: {}", paths::edge_wasm().display()));
    } else {
        everything()?;
        for line in size::table(&size::measure()?) {
            say::result(&line);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// All artefacts.
pub(crate) fn everything() -> Result<()> {
    edge()?;
    cargo("command line", "build --release --package edgewise-cli", &Toolchain::Usual)
}

/// The module for Fastly and what it embeds.
pub(crate) fn edge() -> Result<()> {
    // Needed later, but better missed now.
    tools::node()?;
    let toolchain = tools::wasm_targets()?;
    // One at a time: they write the same generated files.
    let _turn = Turn::take(&paths::notes(), "build")?;
    browser_module(&toolchain)?;
    web_app()?;
    let arguments = "build --release --target wasm32-wasip1 --package edgewise-edge --bin edgewise-edge";
    cargo("edge module", arguments, &toolchain)
}

fn browser_module(toolchain: &Toolchain) -> Result<()> {
    let arguments = "build --profile browser --target wasm32-unknown-unknown --package edgewise-browser";
    cargo("browser module", arguments, toolchain)?;
    let module =
        paths::target().join("wasm32-unknown-unknown/browser/edgewise_browser.wasm");
    let wasm_bindgen = tools::wasm_bindgen()?;
    let engine = paths::at("www/src/engine");
    let stamp = Stamp::in_checkout(
        "browser-bindings",
        format!(
            "{} {}",
            wasm_bindgen.display(),
            stamp::digest(std::slice::from_ref(&module), &[])?
        ),
    );
    if stamp.fresh() && engine.join("edgewise_browser_bg.wasm").is_file() {
        return Ok(());
    }
    Job::new("browser bindings", &wasm_bindgen)
        .args(["--target", "web", "--remove-name-section"])
        .args(["--out-name", "edgewise_browser", "--out-dir"])
        .args([&engine, &module])
        .run()?;
    stamp.set()
}

fn web_app() -> Result<()> {
    tools::packages("www")?;
    let sources =
        stamp::digest(&[paths::at("www")], &["node_modules", "dist", ".tests"])?;
    let stamp = Stamp::in_checkout("web-app", sources);
    if stamp.fresh() && paths::at("www/dist/index.html").is_file() {
        return Ok(());
    }
    say::step("web app: npm run build");
    Job::new("web app", "npm").folder(paths::at("www")).args(["run", "build"]).run()?;
    stamp.set()
}

/// Runs cargo with `arguments`; it knows best what has not changed.
pub(crate) fn cargo(name: &str, arguments: &str, toolchain: &Toolchain) -> Result<()> {
    say::step(&format!("{name}: cargo {arguments}"));
    Job::cargo(name, arguments).with(|cargo| toolchain.equip(cargo)).run().map(drop)
}
