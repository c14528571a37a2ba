//! Node's packages: those of a folder with a lock file, and the Fastly CLI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{FASTLY, NODE, installed};
use crate::run::Job;
use crate::say::{self, trouble};
use crate::stamp::{self, Stamp, Turn};
use crate::{paths, tools};

/// The packages that `folder` locks, in its `node_modules`.
pub(crate) fn packages(folder: &str) -> Result<()> {
    node()?;
    let place = paths::at(folder);
    let lock = stamp::digest(&[place.join("package-lock.json")], &[])?;
    // The stamp goes when the packages go.
    let stamp = Stamp::of(place.join("node_modules/.edgewise-stamp"), lock);
    if stamp.fresh() {
        return Ok(());
    }
    let _turn =
        Turn::take(&paths::notes(), &format!("npm-{}", folder.replace('/', "-")))?;
    if stamp.fresh() {
        return Ok(());
    }
    say::step(&format!("{folder}: npm ci"));
    npm(&format!("npm ci in {folder}"), &place, &["ci", "--prefer-offline"])?;
    stamp.set()
}

/// The official command line of Fastly.
pub(crate) fn fastly() -> Result<PathBuf> {
    node()?;
    let binary = Path::new("node_modules/.bin/fastly");
    let complete = |folder: &Path| folder.join(binary).exists();
    let folder = paths::tool("fastly", FASTLY)?;
    installed(&folder, complete, |folder| {
        say::step(&format!("fastly {FASTLY}: npm install, once"));
        // A package of our own keeps npm from looking for one in the folders above.
        fs::write(folder.join("package.json"), "{\"private\":true}\n")?;
        let package = format!("@fastly/cli@{FASTLY}");
        npm(&format!("fastly {FASTLY}"), folder, &["install", &package])
    })?;
    Ok(folder.join(binary))
}

fn npm(name: &str, folder: &Path, arguments: &[&str]) -> Result<()> {
    Job::new(name, "npm")
        .folder(folder)
        .args(arguments)
        .args(["--no-audit", "--no-fund"])
        .run()
        .map(drop)
}

/// Demands a Node that is new enough, and its npm.
pub(crate) fn node() -> Result<()> {
    let (first, second) = NODE;
    let hint = format!("Install Node {first}.{second} or newer; npm comes with it.");
    if let Some(missing) =
        ["node", "npm"].into_iter().find(|it| tools::on_path(it).is_none())
    {
        return Err(trouble(format!("there is no program \"{missing}\" on PATH"), &hint));
    }
    let output = Command::new("node").arg("--version").output()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match release(&version) {
        Some(release) if release >= NODE => Ok(()),
        _ => Err(trouble(format!("node is \"{version}\", which is too old"), &hint)),
    }
}

/// 20 and 11 of `v20.11.1`.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_of_node_is_read() {
        assert_eq!(release("v20.11.1"), Some((20, 11)));
        assert_eq!(release("v8.0.0"), Some((8, 0)));
        assert_eq!(release(""), None);
        assert!(Some(NODE) > release("v20.9.0"));
    }
}
