//! Python's packages, in an environment of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{SCHEMATHESIS, debian, installed, on_path};
use crate::paths;
use crate::run::Job;
use crate::say;

/// What thinks up requests from the API's document: the Python that has it, to be started with
/// `-m schemathesis.cli`.
pub(crate) fn schemathesis() -> Result<PathBuf> {
    let python = Path::new("bin/python");
    let folder = paths::tool("schemathesis", SCHEMATHESIS)?;
    let complete = |folder: &Path| is_there(&folder.join(python));
    installed(&folder, complete, |folder| {
        say::step(&format!("schemathesis {SCHEMATHESIS}: pip install, once"));
        if !makes_environments() {
            debian::install("python3-venv")?;
        }
        Job::new("python environment", "python3")
            .args(["-m", "venv"])
            .arg(folder)
            .run()?;
        Job::new(&format!("schemathesis {SCHEMATHESIS}"), folder.join(python))
            .args(["-m", "pip", "install", "--no-deps", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(paths::at("src/xtask/schemathesis.txt"))
            .run()
            .map(drop)
    })?;
    Ok(folder.join(python))
}

/// Debian's Python comes without what makes environments.
fn makes_environments() -> bool {
    let mut python = Command::new("python3");
    let asked = python.args(["-c", "import ensurepip, venv"]).output();
    on_path("python3").is_some() && asked.is_ok_and(|output| output.status.success())
}

fn is_there(python: &Path) -> bool {
    let mut asked = Command::new(python);
    let output = asked.args(["-m", "schemathesis.cli", "--version"]).output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).trim().ends_with(SCHEMATHESIS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_the_version_that_is_named() {
        let file = paths::at("src/xtask/schemathesis.txt");
        let list = std::fs::read_to_string(file).expect("a list of packages");
        let pinned = format!("schemathesis=={SCHEMATHESIS}");
        assert!(list.lines().any(|line| line == pinned), "{list}");
        let others = list.lines().filter(|line| !line.starts_with('#'));
        assert!(others.clone().count() > 10);
        assert!(others.into_iter().all(|line| line.contains("==")), "{list}");
    }
}
