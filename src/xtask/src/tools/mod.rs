//! What a fresh machine lacks, in pinned versions, outside the checkout.
//!
//! Each tool lies in `tools/NAME-VERSION/` of the cache and gets that name only when
//! it is complete, so that an interrupted install is no install. A second xtask that
//! wants the same tool waits for the first.

mod cargo_tool;
mod debian;
mod npm;
mod python;
mod wasm_targets;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

pub(crate) use cargo_tool::{viceroy, wasm_bindgen};
pub(crate) use debian::chromium;
pub(crate) use npm::{fastly, node, packages};
pub(crate) use python::schemathesis;
pub(crate) use wasm_targets::{Toolchain, wasm_targets};

use crate::run::Job;
use crate::say::trouble;
use crate::stamp::Turn;

const VICEROY: &str = "0.22.0";
/// Must be the version of the crate of that name, to the last digit.
const WASM_BINDGEN: &str = "0.2.130";
const FASTLY: &str = "16.1.0";
/// As in schemathesis.txt, which names what it needs too.
const SCHEMATHESIS: &str = "4.32.5";
/// The oldest release of Node that the web app's tools support.
const NODE: (u32, u32) = (20, 19);

/// The formatter and the linter, which rustup's minimal profile leaves out.
pub(crate) fn rustfmt_and_clippy() -> Result<()> {
    let there = |what: &str| {
        let job = Job::cargo(&format!("look for {what}"), &format!("{what} --version"));
        job.finish().is_ok_and(|ending| ending.status.success())
    };
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    Job::new("rustfmt and clippy", "rustup")
        .args(["component", "add", "rustfmt", "clippy"])
        .run()
        .map(drop)
        .map_err(|error| {
            trouble(
                format!("cargo fmt or cargo clippy is missing: {error}"),
                "Add them: rustup component add rustfmt clippy",
            )
        })
}

/// The tool's folder, filled by `fill` if it is not there yet.
///
/// `fill` gets a folder to work in that becomes the tool's folder in one step.
fn installed(
    folder: &Path,
    complete: impl Fn(&Path) -> bool,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    if complete(folder) {
        return Ok(());
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let tools = folder.parent().expect("a tool lies in a folder");
    let _turn = Turn::take(tools, &name)?;
    if complete(folder) {
        return Ok(());
    }
    let unfinished = folder.with_file_name(format!("{name}.unfinished"));
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished)
        .with_context(|| format!("make {}", unfinished.display()))?;
    fill(&unfinished)?;
    remove(folder)?;
    fs::rename(&unfinished, folder).with_context(|| format!("make {}", folder.display()))
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// A program on PATH.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    #[test]
    fn wasm_bindgen_is_the_one_the_browser_module_is_built_with() {
        let lock = fs::read_to_string(paths::at("Cargo.lock")).expect("a lock file");
        let pinned = format!("name = \"wasm-bindgen\"\nversion = \"{WASM_BINDGEN}\"\n");
        assert!(lock.contains(&pinned), "Cargo.lock has another wasm-bindgen");
    }

    #[test]
    fn an_interrupted_install_is_no_install() {
        let folder = paths::notes().join("unit-tests/tool-1");
        remove(&folder).expect("removes");
        let complete = |folder: &Path| folder.join("bin").is_dir();
        let fill = |unfinished: &Path| Ok(fs::create_dir(unfinished.join("bin"))?);
        let interrupted = installed(&folder, complete, |unfinished| {
            fill(unfinished)?;
            anyhow::bail!("interrupted")
        });
        assert!(interrupted.is_err());
        assert!(!folder.exists());
        installed(&folder, complete, fill).expect("installs");
        assert!(complete(&folder));
        installed(&folder, complete, |_| anyhow::bail!("again")).expect("is there");
    }
}
