//! How one fact is compared.

mod version;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::page::{Case, Searches, TextTest};
use crate::time::Moment;

pub(crate) use self::version::is_version;

/// One operator and what it compares with. A fact that is known not to be there (a cookie, a parameter) passes none but
/// `exists: false`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Test {
    /// As a text; of a language, as the language or one that is part of it, as `de-CH` is of `de`.
    Text(TextTest),
    /// As a number.
    Number(NumberTest),
    /// As a version.
    Version {
        /// How.
        version: VersionTest,
    },
    /// As a time: from the first, included, to the second, not included.
    Within {
        /// From and until when.
        within: (Moment, Moment),
    },
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberTest {
    /// A number below this one.
    Less(f64),
    /// This number or one below.
    AtMost(f64),
    /// A number above this one.
    More(f64),
    /// This number or one above.
    AtLeast(f64),
    /// A number from the first to the second, both included.
    Between(f64, f64),
}

/// How a version is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionTest {
    /// The same, where `17` and `17.0` are.
    Is(String),
    /// A lower one.
    Less(String),
    /// This or a lower one.
    AtMost(String),
    /// A higher one.
    More(String),
    /// This or a higher one.
    AtLeast(String),
}

/// What a visit tells about one fact.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    Moment(Moment),
    /// Language tags, most wanted first.
    Tags(&'a [Language]),
    /// It is known that there is none.
    Absent,
    /// There is one, but it is no text, or too long to be looked at.
    Unreadable,
    /// It is not known.
    Unknown,
}

impl Value<'_> {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => {
                let text = text.trim();
                // As people write numbers: not "inf", not "1e9".
                let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+');
                let number = text.bytes().all(plain).then(|| text.parse().ok());
                number.flatten()
            }
            #[allow(
                clippy::cast_precision_loss,
                reason = "counts and hours are far below 2^53"
            )]
            Self::Number(number) => Some(*number as f64),
            _ => None,
        }
    }

    /// For people.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text(text) => {
                let short: String = text.chars().take(100).collect();
                format!("{short:?}")
            }
            Self::Number(number) => number.to_string(),
            Self::Moment(moment) => moment.to_string(),
            Self::Tags(tags) => {
                let tags: Vec<_> = tags.iter().map(Language::as_str).collect();
                format!("{:?}", tags.join(", "))
            }
            Self::Absent => "none".to_owned(),
            Self::Unreadable => "unreadable".to_owned(),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

impl Test {
    /// Whether the value passes; none if that is not known: the value is not, or it is not of the kind that the operator
    /// compares, as a number that is a word; or it would take too long to find out.
    pub(crate) fn holds(
        &self,
        value: &Value<'_>,
        case: Case,
        searches: &Searches,
    ) -> Option<bool> {
        match (value, self) {
            (Value::Unknown, _) => None,
            (Value::Absent, Self::Text(TextTest::Exists(wanted))) => Some(!wanted),
            (Value::Absent, _) => Some(false),
            (_, Self::Text(TextTest::Exists(wanted))) => Some(*wanted),
            (Value::Unreadable, _) => None,
            (Value::Tags(tags), Self::Text(test)) => {
                holds_for_languages(test, tags, searches)
            }
            (Value::Moment(moment), Self::Within { within: (from, until) }) => {
                Some(from <= moment && moment < until)
            }
            (Value::Text(text), Self::Text(test)) => {
                test.holds(Some(text), case, searches)
            }
            (Value::Number(number), Self::Text(test)) => {
                test.holds(Some(&number.to_string()), case, searches)
            }
            (value, Self::Number(test)) => Some(test.holds(value.number()?)),
            (Value::Text(text), Self::Version { version }) => version.holds(text),
            (Value::Number(number), Self::Version { version }) => {
                version.holds(&number.to_string())
            }
            (_, Self::Within { .. } | Self::Version { .. } | Self::Text(_)) => None,
        }
    }
}

impl Test {
    /// Whether texts are compared, so that any value can be.
    pub(crate) fn is_of_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// How heavy its regular expression is, if it has one.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(test) => test.weight(),
            _ => 0,
        }
    }
}

impl NumberTest {
    fn holds(self, number: f64) -> bool {
        match self {
            Self::Less(other) => number < other,
            Self::AtMost(other) => number <= other,
            Self::More(other) => number > other,
            Self::AtLeast(other) => number >= other,
            Self::Between(low, high) => low <= number && number <= high,
        }
    }
}

/// Whether it holds for one of the languages.
fn holds_for_languages(
    test: &TextTest,
    tags: &[Language],
    searches: &Searches,
) -> Option<bool> {
    let ranges = match test {
        TextTest::OneOf(ranges) => ranges.len(),
        _ => 1,
    };
    searches.take(tags.len() * ranges * 4)?;
    let holds = |tag: &Language| match test {
        TextTest::Is(range) => Some(tag.matches(range)),
        TextTest::OneOf(ranges) => Some(ranges.iter().any(|range| tag.matches(range))),
        other => other.holds(Some(tag.as_str()), Case::Ignored, searches),
    };
    let mut found = Some(false);
    for holds in tags.iter().map(holds) {
        match holds {
            Some(true) => return holds,
            Some(false) => {}
            None => found = None,
        }
    }
    found
}

impl VersionTest {
    /// The version it compares with.
    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Is(version)
            | Self::Less(version)
            | Self::AtMost(version)
            | Self::More(version)
            | Self::AtLeast(version) => version,
        }
    }

    fn holds(&self, text: &str) -> Option<bool> {
        let order = version::compare(text, self.version())?;
        Some(match self {
            Self::Is(_) => order == Ordering::Equal,
            Self::Less(_) => order == Ordering::Less,
            Self::AtMost(_) => order != Ordering::Greater,
            Self::More(_) => order == Ordering::Greater,
            Self::AtLeast(_) => order != Ordering::Less,
        })
    }
}

/// The rest of a sentence that begins with a fact.
impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(test) => test.fmt(f),
            Self::Number(NumberTest::Less(number)) => write!(f, "is less than {number}"),
            Self::Number(NumberTest::AtMost(number)) => write!(f, "is at most {number}"),
            Self::Number(NumberTest::More(number)) => write!(f, "is more than {number}"),
            Self::Number(NumberTest::AtLeast(number)) => {
                write!(f, "is at least {number}")
            }
            Self::Number(NumberTest::Between(low, high)) => {
                write!(f, "is from {low} to {high}")
            }
            Self::Version { version } => {
                let words = match version {
                    VersionTest::Is(_) => "is version",
                    VersionTest::Less(_) => "is older than version",
                    VersionTest::AtMost(_) => "is at most version",
                    VersionTest::More(_) => "is newer than version",
                    VersionTest::AtLeast(_) => "is at least version",
                };
                write!(f, "{words} {:?}", version.version())
            }
            Self::Within { within: (from, until) } => {
                write!(f, "is from {from} until {until}")
            }
        }
    }
}
