//! `edgewise publish` and its like against a fake of Fastly's KV API and a fake of ours. What is printed is compared word
//! by word, but for times and addresses.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod fastly;
mod kv;
mod memory;
mod refusals;
mod server;
mod site;
mod site_fake;
mod tokens;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A folder to work in, and who is asked.
pub(crate) struct Desk {
    folder: PathBuf,
    place: Vec<String>,
    env: Vec<(&'static str, String)>,
}

/// What a command printed.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) out: String,
    pub(crate) talk: String,
    pub(crate) status: i32,
}

impl Desk {
    pub(crate) fn new(name: &str, place: &[&str], env: &[(&'static str, &str)]) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self {
            folder,
            place: place.iter().map(|word| (*word).to_owned()).collect(),
            env: env.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        }
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.join(file), text).unwrap();
    }

    /// Runs a command against the place.
    pub(crate) fn run(&self, words: &[&str]) -> Printed {
        let place = self.place.iter().map(String::as_str);
        self.run_alone(&words.iter().copied().chain(place).collect::<Vec<_>>())
    }

    /// Runs a command with these words and no others.
    pub(crate) fn run_alone(&self, words: &[&str]) -> Printed {
        let output = Command::new(env!("CARGO_BIN_EXE_edgewise"))
            .args(words)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        let text = |bytes| mask(&String::from_utf8(bytes).unwrap());
        let printed = Printed {
            out: text(output.stdout),
            talk: text(output.stderr),
            status: output.status.code().unwrap(),
        };
        for secret in [kv::TOKEN, site_fake::TOKEN] {
            assert!(!printed.out.contains(secret), "{printed:?}");
            assert!(!printed.talk.contains(secret), "{printed:?}");
        }
        printed
    }

    /// Keeps what a command printed.
    pub(crate) fn pull(&self, file: &str) -> String {
        let pulled = self.run(&["pull"]);
        assert_eq!(pulled.status, 0, "{pulled:?}");
        self.write(file, &pulled.out);
        pulled.out
    }
}

impl Printed {
    #[track_caller]
    pub(crate) fn is(&self, status: i32, out: &str, talk: &str) {
        assert_eq!((self.out.as_str(), self.talk.as_str()), (out, talk));
        assert_eq!(self.status, status);
    }
}

/// Times and ports are other ones each time.
fn mask(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("http://127.0.0.1:") {
            masked.push_str("SITE");
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        } else if is_time(rest) {
            masked.push_str("TIME");
            rest = &rest[20..];
        } else {
            masked.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    masked
}

/// Whether it begins with something like 2026-12-01T09:00:00Z.
fn is_time(text: &str) -> bool {
    text.len() >= 20
        && text.bytes().zip("0000-00-00T00:00:00Z".bytes()).take(20).all(
            |(found, wanted)| match wanted {
                b'0' => found.is_ascii_digit(),
                other => found == other,
            },
        )
}

/// A draft of one experiment, with this copy.
pub(crate) fn draft(copy: &str) -> String {
    serde_json::json!({
        "experiments": [{
            "key": "hero",
            "name": "Hero",
            "status": "running",
            "hypothesis": {
                "we_believe": "a shorter headline",
                "will_cause": "more sign-ups",
                "because": "people skim the page"
            },
            "pages": { "include": [{ "exact": "/" }] },
            "variants": [
                { "key": "control", "name": "Control", "weight": 5000 },
                { "key": "short", "name": "Short", "weight": 5000, "changes": [
                    { "selector": "h1", "text": copy }
                ] }
            ]
        }]
    })
    .to_string()
}
