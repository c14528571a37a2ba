//! Names that have been checked: once one of these types exists, its text is safe to hash, log and put in a cookie.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not a key or a visitor id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidKey {
    text: String,
    allowed: &'static str,
}

impl InvalidKey {
    /// The text that is none.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not {}", self.text, self.allowed)
    }
}

impl std::error::Error for InvalidKey {}

/// The most characters a key or a visitor id may have.
pub const MAX_LENGTH: usize = 64;

fn is_key(text: &str) -> bool {
    text.len() <= MAX_LENGTH
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_visitor_id(text: &str) -> bool {
    (1..=MAX_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:ident, $allowed:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text`.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidKey> {
                let text = text.into();
                if $check(&text) { Ok(Self(text)) } else { Err(InvalidKey { text, allowed: $allowed }) }
            }

            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidKey;
            fn try_from(text: String) -> Result<Self, InvalidKey> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text! {
    /// The immutable name of an experiment. Its bucket hash is seeded with it unless the experiment names another seed.
    ExperimentKey, is_key, "a key: 1 to 64 of a-z, 0-9 and \"-\", first a letter or digit"
}
checked_text! {
    /// The name of a variant, unique in its experiment.
    VariantKey, is_key, "a key: 1 to 64 of a-z, 0-9 and \"-\", first a letter or digit"
}
checked_text! {
    /// The immutable name of a layer or a holdout.
    GroupKey, is_key, "a key: 1 to 64 of a-z, 0-9 and \"-\", first a letter or digit"
}
checked_text! {
    /// Who the cookie names; the unit of randomisation. Nothing about a person can be read from it.
    ///
    /// ```
    /// use edgewise_engine::VisitorId;
    /// assert!(VisitorId::new("4f9c2e").is_ok());
    /// assert_eq!(
    ///     VisitorId::new("a b").unwrap_err().to_string(),
    ///     "\"a b\" is not a visitor id: 1 to 64 letters, digits, \"-\" and \"_\""
    /// );
    /// ```
    VisitorId, is_visitor_id, "a visitor id: 1 to 64 letters, digits, \"-\" and \"_\""
}

impl VisitorId {
    /// Makes an id of 32 hex digits out of 128 random bits, which the host supplies.
    pub fn from_random(bits: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(bits)))
    }
}
