//! How one fact is compared.

mod version;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::pattern::Pattern;
use crate::time::Moment;

pub(crate) use self::version::is_version;

/// One operator and what it compares with. A fact that is known not to be there (a cookie, a parameter) passes none but
/// `exists: false`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The whole text. Of a language: it, or one that is part of it, as `de-CH` is of `de`.
    Is(String),
    /// One of several.
    OneOf(Vec<String>),
    /// A part of the text.
    Contains(String),
    /// How the text begins.
    Starts(String),
    /// How the text ends.
    Ends(String),
    /// A regular expression, found anywhere in the text.
    Matches(Pattern),
    /// Whether the fact is there at all.
    Exists(bool),
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
    /// A version.
    Version(VersionTest),
    /// A time from the first, included, to the second, not included.
    Within(Moment, Moment),
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

/// Whether upper and lower case are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Kept,
    Ignored,
}

/// What a visit tells about one fact.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    Moment(Moment),
    /// Language tags, most wanted first.
    Tags(Vec<&'a str>),
    /// It is known that there is none.
    Absent,
    /// It is not known, or is no text.
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
            Self::Moment(_) | Self::Tags(_) | Self::Absent | Self::Unknown => None,
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
            Self::Tags(tags) => format!("{:?}", tags.join(", ")),
            Self::Absent => "not there".to_owned(),
            Self::Unknown => "not known".to_owned(),
        }
    }
}

impl Test {
    /// Whether the value passes; none if that is not known: the value is not, or it is not of the kind that the operator
    /// compares, as a number that is a word.
    pub(crate) fn holds(&self, value: &Value<'_>, case: Case) -> Option<bool> {
        match (value, self) {
            (Value::Unknown, _) => None,
            (Value::Absent, Self::Exists(wanted)) => Some(!wanted),
            (Value::Absent, _) => Some(false),
            (_, Self::Exists(wanted)) => Some(*wanted),
            (Value::Tags(tags), test) => {
                Some(tags.iter().any(|tag| test.holds_for_language(tag)))
            }
            (Value::Moment(moment), Self::Within(from, until)) => {
                Some(from <= moment && moment < until)
            }
            (_, Self::Within(..)) | (Value::Moment(_), _) => None,
            (value, Self::Version(test)) => match value {
                Value::Text(text) => test.holds(text),
                Value::Number(number) => test.holds(&number.to_string()),
                _ => None,
            },
            (value, Self::Less(other)) => Some(value.number()? < *other),
            (value, Self::AtMost(other)) => Some(value.number()? <= *other),
            (value, Self::More(other)) => Some(value.number()? > *other),
            (value, Self::AtLeast(other)) => Some(value.number()? >= *other),
            (value, Self::Between(low, high)) => {
                let number = value.number()?;
                Some(*low <= number && number <= *high)
            }
            (Value::Text(text), test) => Some(test.holds_for_text(text, case)),
            (Value::Number(number), test) => {
                Some(test.holds_for_text(&number.to_string(), case))
            }
        }
    }

    /// The operators on text; false for the others.
    pub(crate) fn holds_for_text(&self, text: &str, case: Case) -> bool {
        let folded = |text: &str| match case {
            Case::Kept => text.to_owned(),
            Case::Ignored => text.to_lowercase(),
        };
        let same = |wanted: &str| match case {
            Case::Kept => wanted == text,
            Case::Ignored => {
                wanted.eq_ignore_ascii_case(text)
                    || !(wanted.is_ascii() && text.is_ascii())
                        && wanted.to_lowercase() == text.to_lowercase()
            }
        };
        match self {
            Self::Is(wanted) => same(wanted),
            Self::OneOf(wanted) => wanted.iter().any(|wanted| same(wanted)),
            Self::Contains(part) if case == Case::Kept => text.contains(part.as_str()),
            Self::Starts(start) if case == Case::Kept => text.starts_with(start.as_str()),
            Self::Ends(end) if case == Case::Kept => text.ends_with(end.as_str()),
            Self::Contains(part) => folded(text).contains(&folded(part)),
            Self::Starts(start) => folded(text).starts_with(&folded(start)),
            Self::Ends(end) => folded(text).ends_with(&folded(end)),
            Self::Matches(pattern) => pattern.is_in(text),
            _ => false,
        }
    }

    fn holds_for_language(&self, tag: &str) -> bool {
        match self {
            Self::Is(range) => is_in_range(tag, range),
            Self::OneOf(ranges) => ranges.iter().any(|range| is_in_range(tag, range)),
            other => other.holds_for_text(tag, Case::Ignored),
        }
    }
}

/// Basic filtering of RFC 4647, section 3.3.1.
fn is_in_range(tag: &str, range: &str) -> bool {
    let (tag, range) = (tag.as_bytes(), range.as_bytes());
    tag.len() >= range.len()
        && tag[..range.len()].eq_ignore_ascii_case(range)
        && tag.get(range.len()).is_none_or(|next| *next == b'-')
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
            Self::Is(text) => write!(f, "is {text:?}"),
            Self::OneOf(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| format!("{text:?}")).collect();
                write!(f, "is one of {}", texts.join(", "))
            }
            Self::Contains(text) => write!(f, "contains {text:?}"),
            Self::Starts(text) => write!(f, "starts with {text:?}"),
            Self::Ends(text) => write!(f, "ends with {text:?}"),
            Self::Matches(pattern) => write!(f, "matches {:?}", pattern.as_str()),
            Self::Exists(true) => f.write_str("is there"),
            Self::Exists(false) => f.write_str("is not there"),
            Self::Less(number) => write!(f, "is less than {number}"),
            Self::AtMost(number) => write!(f, "is at most {number}"),
            Self::More(number) => write!(f, "is more than {number}"),
            Self::AtLeast(number) => write!(f, "is at least {number}"),
            Self::Between(low, high) => write!(f, "is from {low} to {high}"),
            Self::Version(test) => {
                let words = match test {
                    VersionTest::Is(_) => "is version",
                    VersionTest::Less(_) => "is older than version",
                    VersionTest::AtMost(_) => "is at most version",
                    VersionTest::More(_) => "is newer than version",
                    VersionTest::AtLeast(_) => "is at least version",
                };
                write!(f, "{words} {:?}", test.version())
            }
            Self::Within(from, until) => write!(f, "is from {from} until {until}"),
        }
    }
}
