//! Servers that run while we need them.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::run::{Job, last_lines};
use crate::say::{self, trouble};
use crate::stop::Group;

/// How long a server may take until it listens; a module is compiled in that time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on this machine; dropping it ends it.
pub(crate) struct Server {
    name: &'static str,
    group: Group,
    log: PathBuf,
}

impl Server {
    /// Starts a server and waits until it listens on `port`.
    pub(crate) fn start(name: &'static str, mut job: Job, port: u16) -> Result<Self> {
        let log = job.log().clone();
        let mut server = Self { name, group: job.spawn()?, log };
        let deadline = Instant::now() + PATIENCE;
        loop {
            server.demand_alive()?;
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(server);
            }
            if Instant::now() > deadline {
                let message = format!("{name} does not listen on port {port}");
                return Err(trouble(
                    message,
                    &format!("Its log is {}.", server.log.display()),
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Fails if the server has ended by itself.
    pub(crate) fn demand_alive(&mut self) -> Result<()> {
        let Some(status) = self.group.ended()? else { return Ok(()) };
        say::quote(&last_lines(&self.words(), 30));
        let hint = format!("The lines above are the end of {}.", self.log.display());
        Err(trouble(format!("{} has ended ({status})", self.name), &hint))
    }

    /// What it has written so far.
    pub(crate) fn words(&self) -> String {
        fs::read(&self.log)
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }

    pub(crate) fn log(&self) -> &PathBuf {
        &self.log
    }
}

/// Fails if somebody listens on `port`; `option` chooses another.
pub(crate) fn demand_free(port: u16, option: &str) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let hint = format!(
                "Stop what listens there (another demo?), or choose another port, for example {option} {}.",
                port.checked_add(100).unwrap_or(7700)
            );
            Err(trouble(format!("port {port} is in use"), &hint))
        }
        Err(error) => Err(error).with_context(|| format!("listen on port {port}")),
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_told_with_a_way_out() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("listens");
        let port = listener.local_addr().expect("has an address").port();
        let error = demand_free(port, "--port").expect_err("is busy").to_string();
        assert!(error.starts_with(&format!("port {port} is in use\nhint: ")), "{error}");
        assert!(error.contains("--port "), "{error}");
        // Not the port of before: a program that another test starts may hold its copy of the
        // listener until it has replaced itself. Port 0 is any free one.
        demand_free(0, "--port").expect("is free");
    }
}
