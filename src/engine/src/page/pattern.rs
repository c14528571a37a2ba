//! Regular expressions that people write, bounded in length, in memory and in time.

use std::cell::OnceCell;
use std::fmt;

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::Case;

/// The longest regular expression, bytes.
pub const MAX_PATTERN: usize = 500;

/// The longest text that a regular expression is looked for in, bytes. In a longer one, none is found.
pub const MAX_SEARCHED: usize = 8 * 1024;

/// The most work for one search: bytes of the pattern times bytes of the text. In a text too long for its pattern, none is
/// found; with a pattern of 64 bytes that is one of 2 KiB.
const MAX_WORK: usize = 128 * 1024;

/// What a regular expression may take when it is compiled, bytes.
const MAX_COMPILED: usize = 64 * 1024;

/// A regular expression in the syntax of the crate `regex-lite`, so without look-around and back-references: a search
/// takes time in proportion to `pattern * text`, whatever the two are.
///
/// ```
/// use edgewise_engine::{Case, Pattern};
/// let pattern = Pattern::new("^/(de|en)/").unwrap();
/// assert!(pattern.is_in("/de/preise", Case::Kept));
/// assert!(!pattern.is_in("/DE/", Case::Kept) && pattern.is_in("/DE/", Case::Ignored));
/// assert!(Pattern::new("(").is_err());
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pattern {
    text: String,
    regex: Regex,
    /// The same without regard to case, made when it is first asked for.
    ignoring: OnceCell<Option<Regex>>,
}

/// Why a text is not a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidPattern {
    /// It is longer than [`MAX_PATTERN`]: so many bytes.
    TooLong(usize),
    /// It takes too much memory when it is compiled.
    TooLarge,
    /// It says something that there is not: what, in the words of the compiler.
    Syntax(String),
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(length) => write!(
                f,
                "this regular expression is {length} bytes long, and {MAX_PATTERN} is the most"
            ),
            Self::TooLarge => {
                f.write_str("this regular expression takes too much memory")
            }
            Self::Syntax(why) => write!(f, "this is no regular expression: {why}"),
        }
    }
}

impl std::error::Error for InvalidPattern {}

impl InvalidPattern {
    fn of(error: &regex_lite::Error) -> Self {
        let why = error.to_string();
        // The crate tells it in no other way.
        if why.contains("size limit") { Self::TooLarge } else { Self::Syntax(why) }
    }
}

impl Pattern {
    /// Compiles `text`.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidPattern> {
        let text = text.into();
        if text.len() > MAX_PATTERN {
            return Err(InvalidPattern::TooLong(text.len()));
        }
        let regex = builder(&text).build().map_err(|error| InvalidPattern::of(&error))?;
        Ok(Self { text, regex, ignoring: OnceCell::new() })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The longest text that it is looked for in, bytes.
    fn longest(&self) -> usize {
        MAX_SEARCHED.min(MAX_WORK / self.text.len().max(1))
    }

    /// Whether it is found anywhere in the text.
    pub fn is_in(&self, text: &str, case: Case) -> bool {
        let regex = match case {
            Case::Kept => Some(&self.regex),
            // Its ASCII letters become classes of two, which may be too much for the largest of patterns.
            Case::Ignored => self
                .ignoring
                .get_or_init(|| builder(&self.text).case_insensitive(true).build().ok())
                .as_ref(),
        };
        text.len() <= self.longest() && regex.is_some_and(|regex| regex.is_match(text))
    }
}

fn builder(text: &str) -> RegexBuilder {
    let mut builder = RegexBuilder::new(text);
    builder.size_limit(MAX_COMPILED);
    builder
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidPattern;
    fn try_from(text: String) -> Result<Self, InvalidPattern> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        assert!(Pattern::new("a".repeat(MAX_PATTERN)).is_ok());
        assert_eq!(
            Pattern::new("a".repeat(MAX_PATTERN + 1)),
            Err(InvalidPattern::TooLong(501))
        );
        assert_eq!(Pattern::new("((a{100}){100}){100}"), Err(InvalidPattern::TooLarge));
        for without in ["(?=a)", r"(a)\1", r"\p{L}"] {
            let found = Pattern::new(without);
            assert!(matches!(found, Err(InvalidPattern::Syntax(_))), "{without}");
        }
        assert!(Pattern::new("(".repeat(MAX_PATTERN)).is_err());
        let any = Pattern::new("").unwrap();
        assert!(any.is_in(&"a".repeat(MAX_SEARCHED), Case::Kept));
        assert!(!any.is_in(&"a".repeat(MAX_SEARCHED + 1), Case::Kept));
    }

    #[test]
    fn a_long_pattern_is_looked_for_in_shorter_texts() {
        let pattern = Pattern::new("a".repeat(MAX_PATTERN)).unwrap();
        let longest = MAX_WORK / MAX_PATTERN;
        let text = |length: usize| "a".repeat(MAX_PATTERN) + &"b".repeat(length);
        assert!(!pattern.is_in(&text(longest), Case::Kept));
        let pattern = Pattern::new("a".repeat(64)).unwrap();
        assert!(pattern.is_in(&"a".repeat(2_048), Case::Kept));
        assert!(!pattern.is_in(&"a".repeat(2_049), Case::Kept));
    }

    #[test]
    fn what_backtracking_would_choke_on() {
        let pattern = Pattern::new("^(a+)+$").unwrap();
        let text = "a".repeat(MAX_SEARCHED - 1) + "b";
        assert!(!pattern.is_in(&text, Case::Kept));
    }
}
