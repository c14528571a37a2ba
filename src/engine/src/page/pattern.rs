//! Regular expressions that people write, bounded in length, in memory and in time.

use std::cell::OnceCell;
use std::fmt;

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::Case;
use super::literal::{regex_head, regex_piece};
use super::searches::Searches;
use super::weight::{Weight, weigh};

/// The longest regular expression, bytes.
pub const MAX_PATTERN: usize = 500;

/// The longest text that a regular expression is looked for in, bytes. Whether a longer one has it is not known.
pub const MAX_SEARCHED: usize = 8 * 1024;

/// The most steps of one search: the weight of the pattern times the bytes of the text. Whether a text that is too long for
/// its pattern has it is not known; to an ordinary pattern of 30 letters, none is.
const MAX_SEARCH: usize = 400_000;

/// The heaviest regular expression, in steps at each byte of a text.
const MAX_WEIGHT: usize = 2_000;

/// What a regular expression may take when it is compiled, bytes. Few that are not too heavy come near it.
const MAX_COMPILED: usize = 64 * MAX_WEIGHT;

/// A regular expression in the syntax of the crate `regex-lite`, so without look-around and back-references: a search
/// takes time in proportion to `weight * text`, whatever the two are.
///
/// ```
/// use edgewise_engine::{Case, Pattern};
/// let pattern = Pattern::new("^/(de|en)/").unwrap();
/// assert_eq!(pattern.is_in("/de/preise", Case::Kept), Some(true));
/// assert_eq!(pattern.is_in("/DE/", Case::Kept), Some(false));
/// assert_eq!(pattern.is_in("/DE/", Case::Ignored), Some(true));
/// assert!(Pattern::new("(").is_err());
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pattern {
    text: String,
    weight: Weight,
    /// What every text has in which it is found.
    piece: String,
    regex: Regex,
    /// The same without regard to case, made when it is first asked for.
    ignoring: OnceCell<Option<Regex>>,
}

/// Why a text is not a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidPattern {
    /// It is longer than [`MAX_PATTERN`]: so many bytes.
    TooLong(usize),
    /// It has too many states when it is compiled: it would take too much memory, and too long to look for.
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
        let weight = weigh(&text).unwrap_or(Weight::unknown(MAX_WEIGHT));
        if weight.in_memory() > MAX_WEIGHT {
            // Where it is no regular expression at all, that is what people have to be told.
            let checked =
                builder(&text).build().map_err(|error| InvalidPattern::of(&error));
            return Err(checked.err().unwrap_or(InvalidPattern::TooLarge));
        }
        let regex = builder(&text).build().map_err(|error| InvalidPattern::of(&error))?;
        let piece = regex_piece(&text);
        Ok(Self { text, weight, piece, regex, ignoring: OnceCell::new() })
    }

    /// What it weighs in memory, in states at most.
    pub(crate) fn weight(&self) -> usize {
        self.weight.in_memory()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is found anywhere in the text. None where that would take too long to find out.
    pub fn is_in(&self, text: &str, case: Case) -> Option<bool> {
        self.search(text, case, &Searches::without_end())
    }

    /// The same, as long as there are steps left.
    pub(super) fn search(
        &self,
        text: &str,
        case: Case,
        searches: &Searches,
    ) -> Option<bool> {
        // Most patterns are for another corner of the site, and their letters tell.
        if case == Case::Kept {
            if !text.starts_with(regex_head(&self.text)) {
                return Some(false);
            }
            searches.take(text.len() / 4)?;
            if !text.contains(&self.piece) {
                return Some(false);
            }
        }
        let steps = self.weight.steps * (text.len() + 1);
        if text.len() > MAX_SEARCHED || steps > MAX_SEARCH {
            return None;
        }
        searches.take_for_pattern(steps)?;
        let regex = match case {
            Case::Kept => &self.regex,
            Case::Ignored => {
                let build = || builder(&self.text).case_insensitive(true).build().ok();
                self.ignoring.get_or_init(build).as_ref()?
            }
        };
        Some(regex.is_match(text))
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
    use proptest::prelude::*;

    use super::super::searches::MAX_STEPS;
    use super::*;

    #[test]
    fn bounds() {
        assert!(Pattern::new("a".repeat(MAX_PATTERN)).is_ok());
        assert_eq!(
            Pattern::new("a".repeat(MAX_PATTERN + 1)),
            Err(InvalidPattern::TooLong(501))
        );
        assert_eq!(Pattern::new("((a{100}){100}){100}"), Err(InvalidPattern::TooLarge));
        for without in ["(?=a)", r"(a)\1", r"\p{L}", "(a{100}){100}[", "(?x)a{1000}("] {
            let found = Pattern::new(without);
            assert!(matches!(found, Err(InvalidPattern::Syntax(_))), "{without}");
        }
        assert!(Pattern::new("(".repeat(MAX_PATTERN)).is_err());
        let any = Pattern::new("").unwrap();
        assert_eq!(any.is_in(&"a".repeat(MAX_SEARCHED), Case::Kept), Some(true));
        assert_eq!(any.is_in(&"a".repeat(MAX_SEARCHED + 1), Case::Kept), None);
    }

    #[test]
    fn a_heavy_pattern_is_looked_for_in_shorter_texts() {
        let pattern = Pattern::new("b{1000}|a").unwrap();
        let longest = MAX_SEARCH / pattern.weight.steps - 1;
        assert!((100..1_000).contains(&longest), "{longest}");
        assert_eq!(pattern.is_in(&"a".repeat(longest), Case::Kept), Some(true));
        assert_eq!(pattern.is_in(&"a".repeat(longest + 1), Case::Kept), None);
        let ordinary = Pattern::new("(de|en)/shop/[a-z-]+/[0-9]+$").unwrap();
        assert_eq!(ordinary.is_in(&"a".repeat(MAX_SEARCHED), Case::Ignored), Some(false));
    }

    #[test]
    fn searches_go_on_until_the_steps_are_used_up() {
        let pattern = Pattern::new("b[b]").unwrap();
        let searches = Searches::of_a_visit();
        let text = "a".repeat(999) + "b";
        let done = (0..1_000_000)
            .take_while(|_| pattern.search(&text, Case::Kept, &searches).is_some())
            .count();
        let each = 1_000 / 4 + pattern.weight.steps * 1_001;
        assert!((MAX_STEPS / each / 2..MAX_STEPS / each).contains(&done), "{done}");
        // Where the beginning is another, nothing has to be searched.
        let elsewhere = Pattern::new("^/b/.*c").unwrap();
        assert_eq!(elsewhere.search(&text, Case::Kept, &searches), Some(false));
        assert_eq!(elsewhere.search(&text, Case::Ignored, &searches), None);
    }

    #[test]
    fn what_backtracking_would_choke_on() {
        let pattern = Pattern::new("^(a+)+$").unwrap();
        let text = "a".repeat(MAX_SEARCHED - 1) + "b";
        assert_eq!(pattern.is_in(&text, Case::Kept), Some(false));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// What is seen without a search is what a search would have found.
        #[test]
        fn letters_tell_the_same(
            pattern in r"\^?(([ab]|\\\.|\[ab\]|\(a\|b\)|\(\?i\)|(\(ab?\)))[?*+]?(\{[02]\})?){0,5}(\|[ab])?\$?",
            texts in prop::collection::vec("[abA.]{0,6}", 8),
        ) {
            if let (Ok(ours), Ok(theirs)) = (Pattern::new(&*pattern), Regex::new(&pattern)) {
                for text in texts {
                    prop_assert_eq!(ours.is_in(&text, Case::Kept), Some(theirs.is_match(&text)), "{} {}", pattern, text);
                }
            }
        }
    }
}
