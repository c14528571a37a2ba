//! The official command line of Fastly takes this project as it is.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::run::Job;
use crate::server::{Server, free_port};
use crate::totals::Totals;
use crate::{http, paths, say, tools};

/// `fastly compute build`, then `fastly compute serve` with our viceroy, without an account.
pub(crate) fn check() -> Result<Totals> {
    let fastly = tools::fastly()?;
    let viceroy = tools::viceroy()?;
    let manifest = fs::read(paths::at("fastly.toml")).context("read fastly.toml")?;

    say::step("   fastly compute build");
    Job::new("fastly compute build", &fastly)
        .with(alone)
        .args(["compute", "build", "--non-interactive"])
        .run()?;
    let packaged = paths::at("bin/main.wasm");
    let built = fs::read(paths::edge_wasm())?;
    ensure!(
        fs::read(&packaged).with_context(|| format!("read {}", packaged.display()))?
            == built,
        "fastly compute build packaged another module than the one just built"
    );
    ensure!(
        paths::at("pkg/edgewise.tar.gz").is_file(),
        "there is no pkg/edgewise.tar.gz"
    );

    let port = free_port()?;
    say::step(&format!("   fastly compute serve on port {port}"));
    let serve = Job::new("fastly compute serve", &fastly)
        .with(alone)
        .args(["compute", "serve", "--skip-build", "--non-interactive", "--addr"])
        .arg(format!("127.0.0.1:{port}"))
        .arg("--viceroy-path")
        .arg(&viceroy);
    let server = Server::start("fastly compute serve", serve, port)?;
    // Needs no origin: the module answers by itself.
    let app = http::get(port, "/_edgewise/", None)?;
    ensure!(app.status == 200, "/_edgewise/ has status {}", app.status);
    drop(server);
    ensure!(http::get(port, "/_edgewise/", None).is_err(), "port {port} still answers");

    let now = fs::read(paths::at("fastly.toml"))?;
    ensure!(now == manifest, "the Fastly CLI has rewritten fastly.toml");
    Ok(Totals { passed: 2, failed: 0 })
}

/// Keeps its settings out of the home folder, and keeps it from looking for downloads:
/// the only thing it would fetch for a build is a program that annotates modules.
fn alone(fastly: &mut Command) {
    let settings: &Path = &paths::notes().join("fastly-settings");
    fastly.env("XDG_CONFIG_HOME", settings);
    fastly.env("FASTLY_WASM_METADATA_DISABLE", "true");
    fastly.env_remove("FASTLY_API_TOKEN");
}
