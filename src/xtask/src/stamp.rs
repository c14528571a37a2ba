//! What need not be done again, and who is doing it now.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::{paths, say};

/// Held while one of us works on `what`; a second one waits for its turn.
pub(crate) struct Turn {
    _file: File,
}

impl Turn {
    /// Waits for the turn to work on `what`; `folder` is where the lock file lies.
    pub(crate) fn take(folder: &Path, what: &str) -> Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("make {}", folder.display()))?;
        let path = folder.join(format!(".{what}.lock"));
        let file =
            File::create(&path).with_context(|| format!("write {}", path.display()))?;
        let mut told: Option<Instant> = None;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => {
                    return Err(error)
                        .with_context(|| format!("lock {}", path.display()));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if told.is_none_or(|at| at.elapsed() > Duration::from_secs(30)) {
                say::step(&format!("waiting for another cargo xtask, busy with: {what}"));
                told = Some(Instant::now());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A note, written last, that a step was done with these very inputs.
pub(crate) struct Stamp {
    path: PathBuf,
    inputs: String,
}

impl Stamp {
    /// The stamp of the step `name`, given a digest of all that it reads.
    pub(crate) fn of(path: PathBuf, inputs: String) -> Self {
        Self { path, inputs }
    }

    /// The stamp of a step of this checkout.
    pub(crate) fn in_checkout(name: &str, inputs: String) -> Self {
        Self::of(paths::notes().join(format!("{name}.stamp")), inputs)
    }

    /// Whether the step was done with the same inputs before.
    pub(crate) fn fresh(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|inputs| inputs == self.inputs)
    }

    /// Notes that the step is done.
    pub(crate) fn set(&self) -> Result<()> {
        let write = || {
            fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
            fs::write(&self.path, &self.inputs)
        };
        write().with_context(|| format!("write {}", self.path.display()))
    }
}

/// A digest of files, and of all files below folders, names and contents.
/// Folders called `skipped` are left out wherever they are.
pub(crate) fn digest(places: &[PathBuf], skipped: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    let mut waiting: Vec<PathBuf> = places.iter().rev().cloned().collect();
    while let Some(place) = waiting.pop() {
        if place.is_dir() {
            let mut inside = fs::read_dir(&place)?
                .map(|entry| Ok(entry?.path()))
                .collect::<std::io::Result<Vec<_>>>()?;
            inside.retain(|path| {
                let name = path.file_name().unwrap_or_default();
                !skipped.iter().any(|skipped| name == *skipped)
            });
            inside.sort_by(|a, b| b.cmp(a));
            waiting.extend(inside);
        } else {
            let content =
                fs::read(&place).with_context(|| format!("read {}", place.display()))?;
            hash.update(place.as_os_str().as_encoded_bytes());
            hash.update([0]);
            hash.update(content.len().to_le_bytes());
            hash.update(content);
        }
    }
    Ok(hex(&hash.finalize()))
}

/// Two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 in hex, as the module expects the hash of an access token.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = paths::notes().join("unit-tests").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("deep/node_modules")).expect("makes a folder");
        folder
    }

    #[test]
    fn a_digest_sees_contents_and_names_but_not_what_is_skipped() {
        let folder = folder("digest");
        let of =
            || digest(std::slice::from_ref(&folder), &["node_modules"]).expect("reads");
        fs::write(folder.join("deep/a"), "1").expect("writes");
        let first = of();
        fs::write(folder.join("deep/node_modules/x"), "1").expect("writes");
        assert_eq!(first, of());
        fs::write(folder.join("deep/a"), "2").expect("writes");
        let second = of();
        assert_ne!(first, second);
        fs::rename(folder.join("deep/a"), folder.join("deep/b")).expect("renames");
        assert_ne!(second, of());
    }

    #[test]
    fn a_stamp_is_fresh_for_its_inputs_only() {
        let folder = folder("stamp");
        let stamp = |inputs: &str| Stamp::of(folder.join("s"), inputs.to_owned());
        assert!(!stamp("one").fresh());
        stamp("one").set().expect("writes");
        assert!(stamp("one").fresh());
        assert!(!stamp("two").fresh());
    }

    #[test]
    fn sha256_is_the_known_one() {
        // The digest of the empty string, as every implementation gives it.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }
}
