//! Packages of Debian.

use std::path::PathBuf;

use anyhow::Result;

use super::on_path;
use crate::run::Job;
use crate::say::{self, trouble};

/// A Chromium for the tests: the one named by CHROMIUM, one on PATH, or Debian's.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        let message = format!("CHROMIUM names \"{}\", which is no file", named.display());
        return Err(trouble(message, "Correct it, or unset it to use the one on PATH."));
    }
    let known = ["chromium", "chromium-browser", "google-chrome"];
    if let Some(found) = known.into_iter().find_map(on_path) {
        return Ok(found);
    }
    install("chromium")?;
    on_path("chromium").ok_or_else(|| {
        trouble("Debian's chromium put no program on PATH", "Set CHROMIUM to one.")
    })
}

/// Installs one of them.
pub(super) fn install(package: &str) -> Result<()> {
    let by_hand = format!(
        "Install it as you do on this machine, on Debian as root: apt-get install {package}"
    );
    if on_path("apt-get").is_none() {
        let message =
            format!("\"{package}\" is missing, and there is no apt-get to get it");
        return Err(trouble(message, &by_hand));
    }
    let Some(root) = root() else {
        let message = format!(
            "\"{package}\" is missing, and only root may install it (no sudo here)"
        );
        return Err(trouble(message, &by_hand));
    };
    say::step(&format!("{package}: installing Debian's package"));
    let script = format!(
        "{root} apt-get -o DPkg::Lock::Timeout=600 update -qq && \
         {root} env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
         install -y -qq --no-install-recommends {package}"
    );
    let job = Job::new(&format!("apt-get install {package}"), "sh");
    job.args(["-c", &script]).run().map(drop)
}

/// What to put before a command to run it as root: nothing, or sudo where it asks nothing.
fn root() -> Option<&'static str> {
    if nix::unistd::geteuid().is_root() {
        return Some("");
    }
    let mut sudo = std::process::Command::new("sudo");
    let allowed =
        sudo.args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    allowed.then_some("sudo -n")
}
