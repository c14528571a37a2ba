//! Tokens, which come from the environment and go nowhere but into the header of a request.

use std::env::{self, VarError};
use std::fmt;

use anyhow::{Result, bail};

/// A text that is never printed.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Secret {
    /// The one that an environment variable holds; `hint` says where to get one.
    pub(crate) fn from_env(variable: &str, hint: &str) -> Result<Self> {
        let text = match env::var(variable) {
            Ok(text) => text,
            Err(VarError::NotPresent) => String::new(),
            Err(VarError::NotUnicode(_)) => bail!("{variable} holds no token: {PRINTED}"),
        };
        let text = text.trim();
        if text.is_empty() {
            bail!("{variable} is not set; {hint}");
        }
        // Else the HTTP library would say so, and show it.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            bail!("{variable} holds no token: {PRINTED}");
        }
        Ok(Self(text.to_owned()))
    }

    /// For the header of a request, and for nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// The text without it, for what a server says: it may send back what it was sent. A token so short that it may be a
    /// part of some word is none to be hidden: a gap in that word would give it away.
    pub(crate) fn hide_in(&self, text: &str) -> String {
        if self.0.len() < SHORTEST {
            text.to_owned()
        } else {
            text.replace(&self.0, "[token]")
        }
    }
}

/// Shorter tokens are guessed sooner than read; those that are made here or at Fastly have more than 30 characters.
const SHORTEST: usize = 12;

const PRINTED: &str = "a token is one line of printable ASCII characters";
