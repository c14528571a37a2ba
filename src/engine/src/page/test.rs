//! How one text that a visit tells is compared with what people wrote.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Pattern;

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
    /// Whether it holds for a value; none if nothing is there.
    ///
    /// ```
    /// use edgewise_engine::{Case, TextTest};
    /// let test = TextTest::Starts("Te".to_owned());
    /// assert!(test.holds(Some("Team"), Case::Kept));
    /// assert!(!test.holds(Some("team"), Case::Kept));
    /// assert!(test.holds(Some("team"), Case::Ignored));
    /// assert!(!test.holds(None, Case::Ignored));
    /// ```
    pub fn holds(&self, value: Option<&str>, case: Case) -> bool {
        let Some(value) = value else { return *self == Self::Exists(false) };
        let equal: Comparison = |value, text| value == text;
        match self {
            Self::Is(text) => compare(value, text, case, equal),
            Self::OneOf(texts) => match case {
                Case::Kept => texts.iter().any(|text| value == text),
                Case::Ignored => {
                    let value = value.to_lowercase();
                    texts.iter().any(|text| value == text.to_lowercase())
                }
            },
            Self::Contains(text) => compare(value, text, case, |v, t| v.contains(t)),
            Self::Starts(text) => compare(value, text, case, |v, t| v.starts_with(t)),
            Self::Ends(text) => compare(value, text, case, |v, t| v.ends_with(t)),
            Self::Matches(pattern) => pattern.is_in(value, case),
            Self::Exists(wanted) => *wanted,
        }
    }
}

/// A value, and the text that people wrote.
type Comparison = fn(&str, &str) -> bool;

fn compare(value: &str, text: &str, case: Case, by: Comparison) -> bool {
    match case {
        Case::Kept => by(value, text),
        Case::Ignored => by(&value.to_lowercase(), &text.to_lowercase()),
    }
}

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

    #[test]
    fn each_of_them() {
        let check = |json: &str, holds: &[&str], does_not: &[&str]| {
            let test: TextTest = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&test).unwrap(), json);
            for value in holds {
                assert!(test.holds(Some(value), Case::Kept), "{json} {value}");
            }
            for value in does_not {
                assert!(!test.holds(Some(value), Case::Kept), "{json} {value}");
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
            assert!(!test.holds(None, Case::Kept), "{json}");
        }
        assert!(TextTest::Exists(false).holds(None, Case::Kept));
        assert!(!TextTest::Exists(true).holds(None, Case::Ignored));
    }

    #[test]
    fn without_regard_to_case() {
        let one_of = TextTest::OneOf(vec!["KÖLN".to_owned(), "Bern".to_owned()]);
        assert!(one_of.holds(Some("Köln"), Case::Ignored));
        assert!(!one_of.holds(Some("Köln"), Case::Kept));
        let matches = TextTest::Matches(Pattern::new("^ab$").unwrap());
        assert!(matches.holds(Some("AB"), Case::Ignored));
        assert!(TextTest::Exists(true).holds(Some("x"), Case::Ignored));
    }
}
