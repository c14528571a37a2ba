//! Tools that cargo compiles from crates.io.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{VICEROY, WASM_BINDGEN, installed, remove};
use crate::paths;
use crate::run::Job;
use crate::say;

struct CargoTool {
    package: &'static str,
    binary: &'static str,
    version: &'static str,
    /// Whether the versions its author tested are used; off where they cannot be had.
    locked: bool,
    /// What to expect on two cores.
    takes: &'static str,
}

/// Fastly's local runtime.
pub(crate) fn viceroy() -> Result<PathBuf> {
    CargoTool {
        package: "viceroy",
        binary: "viceroy",
        version: VICEROY,
        locked: true,
        takes: "about 9 minutes",
    }
    .get("viceroy")
}

/// Makes the JavaScript around the browser module.
pub(crate) fn wasm_bindgen() -> Result<PathBuf> {
    CargoTool {
        package: "wasm-bindgen-cli",
        binary: "wasm-bindgen",
        version: WASM_BINDGEN,
        // Its lock file names a version that not every index still has.
        locked: false,
        takes: "about 2 minutes",
    }
    .get("wasm-bindgen")
}

impl CargoTool {
    fn get(&self, name: &str) -> Result<PathBuf> {
        let binary = Path::new("bin").join(self.binary);
        let complete = |folder: &Path| self.is_itself(&folder.join(&binary));
        let folder = paths::tool(name, self.version)?;
        installed(&folder, complete, |unfinished| self.compile(unfinished))?;
        Ok(folder.join(binary))
    }

    fn compile(&self, folder: &Path) -> Result<()> {
        let name = format!("{} {}", self.package, self.version);
        say::step(&format!("{name}: compiling, {}, once", self.takes));
        // Kept when the compilation is interrupted, so that the next try goes on from there.
        let half_way = paths::cache()?.join("half-way").join(self.package);
        Job::new(&name, "cargo")
            .args(["install", self.package, "--version", self.version, "--no-track"])
            .args(self.locked.then_some("--locked"))
            .arg("--root")
            .arg(folder)
            .arg("--target-dir")
            .arg(&half_way)
            // Away from the checkout, whose settings are not meant for this.
            .folder(folder)
            .with(|cargo| {
                cargo.env_remove("RUSTFLAGS");
            })
            .run()?;
        remove(&half_way)
    }

    /// Whether that file is this tool in this version, and runs here.
    fn is_itself(&self, file: &Path) -> bool {
        file.is_file()
            && Command::new(file).arg("--version").output().is_ok_and(|output| {
                String::from_utf8_lossy(&output.stdout).trim().ends_with(self.version)
            })
    }
}
