//! The demo site and the module in front of it, running.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::config::{self, Secrets};
use crate::run::Job;
use crate::server::Server;
use crate::{paths, say, tools};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) edge: u16,
    pub(crate) origin: u16,
}

/// Both servers; dropping it ends them.
pub(crate) struct Site {
    pub(crate) ports: Ports,
    /// Opens the web app.
    pub(crate) token: String,
    pub(crate) datafile: PathBuf,
    folder: PathBuf,
    edge: Server,
    origin: Server,
}

impl Site {
    /// Publishes the demo's draft and serves it. Its files lie in a folder that bears the
    /// port, so that several may run side by side.
    pub(crate) fn start(ports: Ports) -> Result<Self> {
        let folder = paths::target().join("demo").join(ports.edge.to_string());
        fs::create_dir_all(&folder)
            .with_context(|| format!("make {}", folder.display()))?;
        let datafile = folder.join("datafile.json");
        publish(&datafile)?;
        let secrets = Secrets::fresh()?;
        let config = folder.join("fastly.toml");
        fs::write(&config, config::toml(ports.origin, &compiled(&datafile), &secrets))
            .with_context(|| format!("write {}", config.display()))?;

        say::step(&format!("demo site: starting on port {}", ports.origin));
        let origin = Job::new("demo site", "node")
            .log_to(folder.join("origin.log"))
            .arg(paths::at("demo/server.mjs"))
            .env("HOST", "127.0.0.1")
            .env("PORT", ports.origin.to_string());
        let origin = Server::start("the demo site", origin, ports.origin)?;
        say::step(&format!("edge module: starting in viceroy on port {}", ports.edge));
        let edge = Job::new("edge module", tools::viceroy()?)
            .log_to(folder.join("edge.log"))
            .args(["serve", "--addr", &format!("127.0.0.1:{}", ports.edge), "-C"])
            .args([config, paths::edge_wasm()]);
        let edge = Server::start("the edge module", edge, ports.edge)?;
        Ok(Self { ports, token: secrets.access_token, datafile, folder, edge, origin })
    }

    /// Waits until a server ends, which it should not.
    pub(crate) fn stay_up(&mut self) -> Result<()> {
        loop {
            self.origin.demand_alive()?;
            self.edge.demand_alive()?;
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Ends it and removes its files.
    pub(crate) fn remove(self) -> Result<()> {
        let folder = self.folder.clone();
        drop(self);
        fs::remove_dir_all(&folder)
            .with_context(|| format!("remove {}", folder.display()))
    }

    /// What the edge has logged so far.
    pub(crate) fn edge_words(&self) -> String {
        self.edge.words()
    }

    pub(crate) fn edge_log(&self) -> &Path {
        self.edge.log()
    }

    /// `path` as it is seen from outside.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports.edge)
    }

    /// What the command line says to `arguments` about the published datafile, given a page.
    pub(crate) fn ask(&self, arguments: &[&str], page: Option<&[u8]>) -> Result<Vec<u8>> {
        let (verb, rest) = arguments.split_first().expect("a verb");
        let name = format!("edgewise {verb}");
        let input = self.folder.join("page.html");
        let mut stdin = Stdio::null();
        if let Some(page) = page {
            fs::write(&input, page)?;
            stdin = fs::File::open(&input)?.into();
        }
        Job::new(&name, paths::cli())
            .args([verb, "--datafile"])
            .arg(&self.datafile)
            .args(rest)
            .with(|cli| {
                cli.stdin(stdin);
            })
            .output()
    }
}

/// Where the edge's form of a datafile lies.
fn compiled(datafile: &Path) -> PathBuf {
    datafile.with_extension("bin")
}

/// Publishes the demo's draft for the first time, whatever an earlier run left behind.
pub(crate) fn publish(datafile: &Path) -> Result<()> {
    match fs::remove_file(datafile) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error.into());
        }
        _ => {}
    }
    say::step("datafile: edgewise publish demo/draft.json");
    Job::new("edgewise publish", paths::cli())
        .arg("publish")
        .arg(paths::at("demo/draft.json"))
        .arg("--out")
        .arg(datafile)
        .arg("--compiled")
        .arg(compiled(datafile))
        .run()
        .map(drop)
}
