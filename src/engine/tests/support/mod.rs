//! Directories of cases, for every runner of this crate.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "only tests use it")]
#![allow(clippy::disallowed_methods, reason = "tests run natively")]

pub(crate) mod elsewhere;
pub(crate) mod pages;
pub(crate) mod published;
pub(crate) mod soup;

use std::fs;
use std::path::{Path, PathBuf};

/// A path beside this folder.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The entries of a folder beside this one, in order.
pub(crate) fn cases(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(path(folder)).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares with the file, or rewrites it under `BLESS=1`.
#[track_caller]
pub(crate) fn expect(path: &Path, actual: &[u8]) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).unwrap();
        return;
    }
    let expected = read(path);
    assert!(
        expected == actual,
        "{} differs; BLESS=1 rewrites it\n--- expected\n{}\n--- actual\n{}",
        path.display(),
        String::from_utf8_lossy(&expected),
        String::from_utf8_lossy(actual)
    );
}
