//! How one text that a visit tells is compared with what people wrote.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Pattern, Searches};

/// Whether upper and lower case are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// They are.
    Kept,
    /// They are not: letters are compared in lower case; those of a pattern only where they are ASCII.
    Ignored,
}

/// One comparison. What is not there is only ever found by [`TextTest::Exists`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextTest {
    /// The whole text.
    Is(String),
    /// The whole text, several of which will do.
    OneOf(Vec<String>),
    /// What is somewhere in the text.
    Contains(String),
    /// How the text begins.
    Starts(String),
    /// How the text ends.
    Ends(String),
    /// What is looked for in the text.
    Matches(Pattern),
    /// Whether there is a text at all.
    Exists(bool),
}

impl TextTest {
    /// Whether it holds for a value, which is none if nothing is there. None where it would take too long to find out.
    pub(crate) fn holds(
        &self,
        value: Option<&str>,
        case: Case,
        searches: &Searches,
    ) -> Option<bool> {
        let Some(value) = value else { return Some(*self == Self::Exists(false)) };
        let by: Comparison = match self {
            Self::Exists(wanted) => return Some(*wanted),
            Self::Matches(pattern) => return pattern.search(value, case, searches),
            Self::Is(_) | Self::OneOf(_) => |value, text| value == text,
            Self::Contains(_) => |value, text| value.contains(text),
            Self::Starts(_) => |value, text| value.starts_with(text),
            Self::Ends(_) => |value, text| value.ends_with(text),
        };
        let texts = self.texts();
        let all = || texts.iter().map(String::as_str).chain([value]);
        match case {
            Case::Kept => {
                // Looking for a text takes longer than comparing two.
                let per_step = if matches!(self, Self::Contains(_)) { 2 } else { 16 };
                searches.take(all().map(|text| text.len() / per_step).sum())?;
                Some(texts.iter().any(|text| by(value, text)))
            }
            Case::Ignored => {
                searches.take(all().map(lowered).sum())?;
                let value = value.to_lowercase();
                Some(texts.iter().any(|text| by(&value, &text.to_lowercase())))
            }
        }
    }

    /// The texts that people wrote.
    fn texts(&self) -> &[String] {
        match self {
            Self::Is(text)
            | Self::Contains(text)
            | Self::Starts(text)
            | Self::Ends(text) => std::slice::from_ref(text),
            Self::OneOf(texts) => texts,
            Self::Matches(_) | Self::Exists(_) => &[],
        }
    }

    /// How heavy its regular expression is, if it has one.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Matches(pattern) => pattern.weight(),
            _ => 0,
        }
    }
}

/// How many steps it takes to bring a text into lower case. Where it is not ASCII, each letter is looked up.
fn lowered(text: &str) -> usize {
    4 + if text.is_ascii() { text.len() / 4 } else { text.len() * 3 }
}

/// A value, and the text that people wrote.
type Comparison = fn(&str, &str) -> bool;

/// As `is one of "a", "b"`.
impl fmt::Display for TextTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(text) => write!(f, "is {text:?}"),
            Self::OneOf(texts) => {
                let texts: Vec<_> =
                    texts.iter().map(|text| format!("{text:?}")).collect();
                write!(f, "is one of {}", texts.join(", "))
            }
            Self::Contains(text) => write!(f, "contains {text:?}"),
            Self::Starts(text) => write!(f, "starts with {text:?}"),
            Self::Ends(text) => write!(f, "ends with {text:?}"),
            Self::Matches(pattern) => write!(f, "matches {:?}", pattern.as_str()),
            Self::Exists(true) => f.write_str("is there"),
            Self::Exists(false) => f.write_str("is not there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(test: &TextTest, value: Option<&str>, case: Case) -> bool {
        test.holds(value, case, &Searches::of_a_visit()).unwrap()
    }

    #[test]
    fn each_of_them() {
        let check = |json: &str, holds: &[&str], does_not: &[&str]| {
            let test: TextTest = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&test).unwrap(), json);
            for value in holds {
                assert!(asks(&test, Some(value), Case::Kept), "{json} {value}");
            }
            for value in does_not {
                assert!(!asks(&test, Some(value), Case::Kept), "{json} {value}");
            }
        };
        check(r#"{"is":"ab"}"#, &["ab"], &["AB", "abc", ""]);
        check(r#"{"one_of":["a","b"]}"#, &["a", "b"], &["ab", "A"]);
        check(r#"{"contains":"b"}"#, &["abc", "b"], &["ac", "B"]);
        check(r#"{"starts":"a"}"#, &["abc"], &["ba"]);
        check(r#"{"ends":"a"}"#, &["ba"], &["abc"]);
        check(r#"{"matches":"^a.c$"}"#, &["abc"], &["xabc", "ABC"]);
        check(r#"{"exists":true}"#, &["", "a"], &[]);
        check(r#"{"exists":false}"#, &[], &["", "a"]);
    }

    #[test]
    fn what_is_not_there() {
        for json in [r#"{"is":""}"#, r#"{"contains":""}"#, r#"{"matches":""}"#] {
            let test: TextTest = serde_json::from_str(json).unwrap();
            assert!(!asks(&test, None, Case::Kept), "{json}");
        }
        assert!(asks(&TextTest::Exists(false), None, Case::Kept));
        assert!(!asks(&TextTest::Exists(true), None, Case::Ignored));
    }

    #[test]
    fn without_regard_to_case() {
        let one_of = TextTest::OneOf(vec!["KÖLN".to_owned(), "Bern".to_owned()]);
        assert!(asks(&one_of, Some("Köln"), Case::Ignored));
        assert!(!asks(&one_of, Some("Köln"), Case::Kept));
        let matches = TextTest::Matches(Pattern::new("^ab$").unwrap());
        assert!(asks(&matches, Some("AB"), Case::Ignored));
        assert!(asks(&TextTest::Exists(true), Some("x"), Case::Ignored));
    }

    #[test]
    fn long_texts_are_counted() {
        let searches = Searches::of_a_visit();
        let test = TextTest::OneOf(vec!["ab".to_owned(), "é".repeat(500)]);
        let long = "É".repeat(1_000);
        let ask = |value: &str, case| test.holds(Some(value), case, &searches);
        let times = (0..10_000).take_while(|_| ask(&long, Case::Ignored).is_some());
        assert!((50..500).contains(&times.count()));
        assert_eq!(ask(&long, Case::Ignored), None);
        assert_eq!(test.holds(None, Case::Ignored, &searches), Some(false));
        let test = TextTest::Contains("b".to_owned());
        assert_eq!(test.holds(Some("ab"), Case::Kept, &searches), Some(true));
    }
}
