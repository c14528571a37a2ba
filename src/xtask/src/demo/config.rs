//! The configuration of the local runtime, with secrets made for this one run.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::stamp::{hex, sha256};

/// Secrets of one run.
pub(crate) struct Secrets {
    /// What the web app presents; the module keeps only its hash.
    pub(crate) access_token: String,
    signing_key: String,
}

impl Secrets {
    pub(crate) fn fresh() -> Result<Self> {
        Ok(Self { access_token: random()?, signing_key: random()? })
    }
}

/// 256 bits from the system, in hex.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    let mut source = File::open("/dev/urandom").context("open /dev/urandom")?;
    source.read_exact(&mut bytes).context("read /dev/urandom")?;
    Ok(hex(&bytes))
}

/// What the runtime reads: the origin, the datafile, and the secrets.
pub(crate) fn toml(origin_port: u16, datafile: &Path, secrets: &Secrets) -> String {
    let datafile = quoted(&datafile.display().to_string());
    let hash = sha256(secrets.access_token.as_bytes());
    let key = &secrets.signing_key;
    format!(
        r#"# Written by cargo xtask demo for one run; nothing here is used anywhere else.
manifest_version = 3
name = "edgewise-demo"
language = "rust"

[local_server.backends.origin]
url = "http://127.0.0.1:{origin_port}"

[[local_server.kv_stores.edgewise]]
key = "datafile"
file = {datafile}

# This runtime's clock for processor time runs on while others use the processor.
[local_server.config_stores.edgewise]
format = "inline-toml"

[local_server.config_stores.edgewise.contents]
cpu-budget-ms = "10000"

[[local_server.secret_stores.edgewise]]
key = "access-tokens"
data = "{hash} admin demo"

[[local_server.secret_stores.edgewise]]
key = "signing-key"
data = "{key}"
"#
    )
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_is_told_the_hash_of_the_token_and_never_the_token() {
        let secrets =
            Secrets { access_token: "open".into(), signing_key: "k".repeat(64) };
        let toml = toml(7677, Path::new("/a \"b\"/datafile.json"), &secrets);
        assert!(
            toml.contains(&format!("data = \"{} admin demo\"", sha256(b"open"))),
            "{toml}"
        );
        assert!(!toml.contains("\"open\""), "{toml}");
        assert!(toml.contains("url = \"http://127.0.0.1:7677\""), "{toml}");
        assert!(toml.contains(r#"file = "/a \"b\"/datafile.json""#), "{toml}");
    }

    #[test]
    fn secrets_are_fresh_and_long() {
        let secrets = Secrets::fresh().expect("random");
        assert_eq!(secrets.access_token.len(), 64);
        assert_ne!(secrets.access_token, secrets.signing_key);
    }
}
