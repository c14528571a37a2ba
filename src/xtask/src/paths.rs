//! Where things are. Whatever is costly to get lies outside the checkout, so that
//! a clean clone finds it again.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Result;

use crate::say::trouble;

/// The top of the checkout.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .expect("xtask lies two folders below the top")
            .to_owned()
    });
    &ROOT
}

/// A place in the checkout.
pub(crate) fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => at("target"),
    }
}

/// The module for Fastly.
pub(crate) fn edge_wasm() -> PathBuf {
    target().join("wasm32-wasip1/release/edgewise-edge.wasm")
}

/// The command line.
pub(crate) fn cli() -> PathBuf {
    target().join("release/edgewise")
}

/// Logs and stamps of this checkout.
pub(crate) fn notes() -> PathBuf {
    target().join("xtask")
}

/// What survives the checkout: tools, and what is half-way to become one.
pub(crate) fn cache() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let folder = if let Some(ours) = variable("EDGEWISE_CACHE") {
        PathBuf::from(ours)
    } else if let Some(theirs) = variable("XDG_CACHE_HOME") {
        Path::new(&theirs).join("edgewise")
    } else if let Some(home) = variable("HOME") {
        Path::new(&home).join(".cache/edgewise")
    } else {
        return Err(trouble(
            "there is no folder to keep tools in: neither EDGEWISE_CACHE nor HOME is set",
            "Set EDGEWISE_CACHE to a folder with about 3 GB to spare.",
        ));
    };
    Ok(std::path::absolute(folder)?)
}

/// The folder of one version of one tool.
pub(crate) fn tool(name: &str, version: &str) -> Result<PathBuf> {
    Ok(cache()?.join("tools").join(format!("{name}-{version}")))
}
