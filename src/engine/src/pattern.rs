//! Regular expressions of people: linear in the text, bounded in size, compiled once.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// The longest regular expression, bytes.
pub const MAX_PATTERN: usize = 500;

/// What a compiled one may take up, bytes.
const MAX_COMPILED: usize = 64 * 1024;

/// How deep groups may stand in one another.
const MAX_NESTING: u32 = 20;

/// A regular expression in the syntax of the crate `regex-lite`: no look-around, no back-references, so the time it takes
/// follows the length of the text. It is looked for anywhere in the text; `^` and `$` tie it to an end.
///
/// ```
/// use edgewise_engine::Pattern;
/// let pattern = Pattern::new("^/blog/[0-9]+$").unwrap();
/// assert!(pattern.is_in("/blog/2026") && !pattern.is_in("/blog/2026/may"));
/// assert!(Pattern::new("(?=look)").is_err());
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pattern(Regex);

/// Why a text is not a regular expression that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPattern(String);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidPattern {}

impl Pattern {
    /// Compiles `text`.
    pub fn new(text: &str) -> Result<Self, InvalidPattern> {
        if text.len() > MAX_PATTERN {
            return Err(InvalidPattern(format!(
                "it is longer than {MAX_PATTERN} bytes"
            )));
        }
        RegexBuilder::new(text)
            .size_limit(MAX_COMPILED)
            .nest_limit(MAX_NESTING)
            .build()
            .map(Self)
            .map_err(|error| InvalidPattern(error.to_string()))
    }

    /// The text it was made of.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is found anywhere in `text`.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.as_str())
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.as_str().to_owned()
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidPattern;
    fn try_from(text: String) -> Result<Self, InvalidPattern> {
        Self::new(&text)
    }
}
