//! The two wasm targets: rustup's where they can be had, else Debian's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::on_path;
use crate::paths;
use crate::run::Job;
use crate::say::{self, trouble};
use crate::stamp::{Stamp, Turn};

const TARGETS: [&str; 2] = ["wasm32-wasip1", "wasm32-unknown-unknown"];

/// A compiler that builds for the wasm targets.
pub(crate) enum Toolchain {
    /// The one that cargo uses anyway.
    Usual,
    /// One of our own, made of Debian's packages, in this folder.
    Own(PathBuf),
}

impl Toolchain {
    /// Makes a cargo command, and what it starts, use this compiler.
    pub(crate) fn equip(&self, cargo: &mut Command) {
        let Self::Own(folder) = self else { return };
        let usual = std::env::var_os("PATH").unwrap_or_default();
        let first = std::iter::once(folder.join("bin"));
        let path = std::env::join_paths(first.chain(std::env::split_paths(&usual)));
        // Rustup's own variables would lead cargo back to rustup's compilers.
        for rustup in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTDOC"] {
            cargo.env_remove(rustup);
        }
        cargo.env("RUSTC", folder.join("bin/rustc"));
        cargo.env("PATH", path.unwrap_or(usual));
    }
}

/// A compiler for the wasm targets, got if need be, and checked by compiling and linking.
pub(crate) fn wasm_targets() -> Result<Toolchain> {
    let tools = paths::cache()?.join("tools");
    let own = tools.join("wasm-toolchain");
    let usual = Usual::look()?;
    let proven = Stamp::of(tools.join("wasm-targets.stamp"), usual.description.clone());
    if proven.fresh() {
        return Ok(Toolchain::Usual);
    }
    let _turn = Turn::take(&tools, "wasm-targets")?;
    let mut works = usual.works()?;
    // Where Debian's packages had to do once, they will do again: no waiting for rustup.
    if !works && !own.is_dir() && on_path("rustup").is_some() {
        say::step("wasm targets: rustup target add");
        let added = Job::new("rustup target add", "rustup")
            .args(["target", "add"])
            .args(TARGETS)
            .within(Duration::from_secs(180))
            .finish();
        works = added.is_ok_and(|ending| ending.status.success()) && usual.works()?;
        if !works {
            say::step(
                "wasm targets: rustup cannot provide them; using Debian's packages",
            );
        }
    }
    if works {
        // Looked at again: the description counts what rustup has added.
        Stamp::of(tools.join("wasm-targets.stamp"), Usual::look()?.description).set()?;
        return Ok(Toolchain::Usual);
    }
    from_debian(&own)?;
    Ok(Toolchain::Own(own))
}

fn from_debian(folder: &Path) -> Result<()> {
    let hint = "Add them by hand: rustup target add wasm32-wasip1 wasm32-unknown-unknown";
    if on_path("apt-get").is_none() {
        let message = "the wasm targets are missing: rustup cannot provide them, and there is no apt-get";
        return Err(trouble(message, hint));
    }
    if !folder.is_dir() {
        say::step(
            "wasm targets: building std with Debian's compiler, about 3 minutes, once",
        );
    }
    Job::new("wasm targets of Debian", "bash")
        .arg(paths::at("src/xtask/install-wasm-targets.sh"))
        .arg(folder)
        .run()
        .map(drop)
}

/// The compiler that cargo uses anyway.
struct Usual {
    description: String,
}

impl Usual {
    fn look() -> Result<Self> {
        let ask = |arguments: &[&str]| {
            let job = Job::new("ask rustc", "rustc").args(arguments);
            job.output().map(|words| String::from_utf8_lossy(&words).trim().to_owned())
        };
        let sysroot = ask(&["--print", "sysroot"])?;
        let there = TARGETS.map(|target| {
            Path::new(&sysroot).join("lib/rustlib").join(target).join("lib").is_dir()
        });
        let description = format!("{}\n{sysroot}\n{there:?}\n", ask(&["-vV"])?);
        Ok(Self { description })
    }

    /// Whether it compiles and links programs that use the standard library.
    fn works(&self) -> Result<bool> {
        if self.description.contains("false") {
            return Ok(false);
        }
        let folder = paths::notes().join("try-wasm-targets");
        fs::create_dir_all(&folder)?;
        let program = "fn main() { println!(\"{:?}\", std::time::SystemTime::now()); }";
        fs::write(folder.join("a.rs"), program)?;
        Ok(TARGETS.into_iter().all(|target| {
            let compiled = Job::new(&format!("try {target}"), "rustc")
                .folder(&folder)
                .args(["a.rs", "-o", "a.wasm", "--target", target])
                .finish();
            compiled.is_ok_and(|ending| ending.status.success())
        }))
    }
}
