use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::setup::{Folder, path_from};

/// The command line, built.
pub fn cli() -> PathBuf {
    path_from("EDGEWISE_CLI", "../target/release/edgewise")
}

/// What `edgewise publish` makes of a draft: one datafile, in both encodings.
pub struct Published {
    /// For people.
    pub json: Vec<u8>,
    /// For the edge.
    pub compiled: Vec<u8>,
}

impl Published {
    /// Publishes a draft for the first time, so that its revision is 1.
    pub fn of(draft: impl AsRef<[u8]>) -> Self {
        let folder = Folder::new();
        let file = |name| folder.file(name);
        folder.write("draft.json", draft.as_ref());
        let program = cli();
        let output = Command::new(&program)
            .arg("publish")
            .arg(file("draft.json"))
            .arg("--out")
            .arg(file("datafile.json"))
            .arg("--compiled")
            .arg(file("datafile.edgewise"))
            .output()
            .unwrap_or_else(|error| {
                let program = program.display();
                panic!(
                    "{error}: \"{program}\". Build it first, `cargo xtask build` does."
                )
            });
        let words = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&words));
        let read = |name| fs::read(file(name)).expect("it was written");
        Self { json: read("datafile.json"), compiled: read("datafile.edgewise") }
    }

    /// The same for one that a test wrote.
    #[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
    pub fn of_json(draft: Value) -> Self {
        Self::of(draft.to_string())
    }
}

/// What things are filed by in the store: SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
