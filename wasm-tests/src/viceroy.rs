use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::log::Log;
use crate::setup::Setup;

/// How many lines are told about a trap.
const TOLD: usize = 40;

/// How much the runtime says about itself.
#[derive(Clone, Copy)]
pub(crate) enum Talk {
    /// The address it listens on.
    Address,
    /// That, and a line each time the module waits for its next request: the moment at
    /// which everything about the previous one is in the log, and from which on the
    /// sandbox is the one that gets it. And one for each sandbox that begins.
    Requests,
}

impl Talk {
    fn filter(self) -> String {
        let address = "viceroy=error,viceroy_lib=error,viceroy_lib::service=info";
        match self {
            Self::Address => address.to_owned(),
            Self::Requests => {
                let waits = "viceroy_lib::wiggle_abi[{function=next_request_wait}]=trace";
                format!("{address},viceroy_lib::execute=info,{waits}")
            }
        }
    }
}

/// Fastly's local runtime with one module in it, for as long as this value lives.
pub(crate) struct Viceroy {
    process: Child,
    log: Log,
    address: SocketAddr,
}

impl Viceroy {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(setup: &Setup, manifest: &Path) -> Self {
        let module = &setup.module;
        assert!(
            module.is_file(),
            "there is no module at \"{}\". Build it first, `cargo xtask build` does.",
            module.display()
        );
        let program = program();
        // Port 0: the system picks one that is free, and nobody else can take it first.
        let mut process = Command::new(&program)
            .args(["serve", "--addr", "127.0.0.1:0", "-C"])
            .arg(manifest)
            .args(&setup.arguments)
            .arg(module)
            .env("RUST_LOG", setup.talk.filter())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                let program = program.display();
                panic!("viceroy does not start from \"{program}\": {error}. Set VICEROY.")
            });
        let log = Log::default();
        log.follow(process.stdout.take().expect("stdout was piped"));
        log.follow(process.stderr.take().expect("stderr was piped"));
        let listening = log.wait_for(
            |lines| {
                let line = lines.iter().find(|line| line.contains("Listening on"))?;
                line.rsplit("http://").next()?.parse().ok()
            },
            || matches!(process.try_wait(), Ok(Some(_))),
        );
        let Some(address) = listening else {
            drop(process.kill());
            drop(process.wait());
            panic!("viceroy did not get ready:\n{}", log.lines().join("\n"));
        };
        Self { process, log, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The lines of one log endpoint, once the module is through with so many requests.
    pub(crate) fn log_after(&self, requests: usize, endpoint: &str) -> Vec<String> {
        let through = |lines: &[String]| {
            let waited = lines
                .iter()
                .filter(|line| line.contains("function=\"next_request_wait\"}: handle="));
            (waited.count() >= requests).then_some(())
        };
        assert!(
            self.log.wait_for(through, || false).is_some(),
            "the module is not through with {requests} requests:\n{}",
            self.log.lines().join("\n")
        );
        let prefix = format!("{endpoint} :: ");
        let lines = self.log.lines();
        lines
            .iter()
            .filter_map(|line| line.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect()
    }

    /// How many sandboxes have begun: each with a request that no other was waiting for.
    pub(crate) fn sandboxes(&self) -> usize {
        let lines = self.log.lines();
        lines.iter().filter(|line| line.contains("handling request ")).count()
    }

    /// What the runtime says when a module panics or runs out of memory.
    pub(crate) fn traps(&self) -> Vec<String> {
        let lines = self.log.lines();
        let trapped = lines.iter().position(|line| {
            line.contains("trapped") || line.contains("WebAssembly exited with error")
        });
        // What the module itself said, and where it was.
        let from = trapped.map_or(lines.len(), |at| at.saturating_sub(TOLD / 4));
        lines.into_iter().skip(from).take(TOLD).collect()
    }
}

impl Drop for Viceroy {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Fastly's local runtime.
pub fn program() -> PathBuf {
    let from = |variable: &str| env::var_os(variable).map(PathBuf::from);
    if let Some(path) = from("VICEROY") {
        return path;
    }
    let home = || from("HOME").unwrap_or_default().join(".cache");
    let ours = || from("XDG_CACHE_HOME").unwrap_or_else(home).join("edgewise");
    let cache = from("EDGEWISE_CACHE").unwrap_or_else(ours);
    cache.join("tools/viceroy-0.22.0/bin/viceroy")
}
