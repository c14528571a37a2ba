//! The module in front of the demo site, on this machine.

mod check;
mod config;
mod page;
mod site;
mod visitors;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::say;
use crate::server::{demand_free, free_port};
use crate::totals::Totals;
use crate::{build, paths, tools};
use site::{Ports, Site};

#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Do not stay up: show what several visitors are served, and fail if it is wrong
    #[arg(long)]
    pub(crate) check: bool,
    /// The port of the site as visitors see it
    #[arg(long, default_value_t = 7676, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// The port of the untouched site behind it
    #[arg(long, default_value_t = 7677, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) origin_port: u16,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    // Before the long part: nobody wants to learn this after ten minutes.
    demand_free(options.port, "--port")?;
    demand_free(options.origin_port, "--origin-port")?;
    get_ready()?;
    let ports = Ports { edge: options.port, origin: options.origin_port };
    if options.check {
        let totals = check::run(ports)?;
        say::result(&totals.to_string());
        return Ok(if totals.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let mut site = Site::start(ports)?;
    for line in invitation(&site)? {
        say::result(&line);
    }
    site.stay_up()?;
    Ok(ExitCode::SUCCESS)
}

/// `demo --check` on ports that are free, for the tests.
pub(crate) fn check() -> Result<Totals> {
    get_ready()?;
    check::run(Ports { edge: free_port()?, origin: free_port()? })
}

/// Whether the datafile in the repository, which `fastly compute serve` reads, is the draft's.
pub(crate) fn committed_datafile() -> Result<()> {
    let fresh = paths::notes().join("demo-datafile.json");
    site::publish(&fresh)?;
    // How often it was published tells nothing about what it holds.
    let read = |file: &Path| -> Result<serde_json::Value> {
        let bytes = fs::read(file).with_context(|| format!("read {}", file.display()))?;
        let mut datafile: serde_json::Value = serde_json::from_slice(&bytes)?;
        datafile["revision"].take();
        Ok(datafile)
    };
    if read(&fresh)? == read(&paths::at("demo/datafile.json"))? {
        return Ok(());
    }
    Err(say::trouble(
        "demo/datafile.json is not what demo/draft.json says",
        "Publish it: edgewise publish demo/draft.json --out demo/datafile.json",
    ))
}

fn get_ready() -> Result<()> {
    tools::viceroy()?;
    build::everything()?;
    tools::packages("demo")
}

/// What to open, and two visitors who see two headlines.
fn invitation(site: &Site) -> Result<Vec<String>> {
    let edge = format!("http://127.0.0.1:{}", site.ports.edge);
    let mut lines = vec![
        String::new(),
        format!("The site as a visitor sees it   {edge}/"),
        format!(
            "The same without Edgewise       http://127.0.0.1:{}/",
            site.ports.origin
        ),
        format!("The web app                     {edge}/_edgewise/#token={}", site.token),
        String::new(),
        "Two visitors, two headlines:".to_owned(),
    ];
    for seen in visitors::with_two_headlines(site, "/")? {
        let cookie = visitors::cookie(&seen.visitor);
        // Programs see the page as it is, so curl has to call itself a browser.
        let curl = "curl -s -A 'Mozilla/5.0 (X11)'";
        lines.push(format!("  {curl} -H 'Cookie: {cookie}' {edge}/ | grep '<h1'"));
    }
    lines.extend([
        String::new(),
        format!("What the edge logs              {}", site.edge_log().display()),
        "Ctrl-C stops.".to_owned(),
    ]);
    Ok(lines)
}
