//! What may be done to a value before it is shown.

use crate::facts::MAX_FACT;

/// How the filters are called, for people.
pub(super) const FILTERS: &str =
    "upper, lower, title, words, trim, number and truncate(40)";

/// A filter of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// CAPITALS.
    Upper,
    /// Small letters.
    Lower,
    /// A capital at the start of each word; the other letters stay.
    Title,
    /// Spaces for hyphens, underscores and pluses: `spring-sale` becomes `spring sale`.
    Words,
    /// No spaces at the ends.
    Trim,
    /// Nothing, so the default, unless it is a number in digits.
    Number,
    /// At most so many characters, the last an ellipsis if some were cut.
    Truncate(usize),
}

impl Filter {
    /// The filter of that name with what stood in parentheses behind it, or what is wrong with them.
    pub(super) fn named(name: &str, argument: Option<&str>) -> Result<Self, String> {
        let filter = match name {
            "upper" => Self::Upper,
            "lower" => Self::Lower,
            "title" => Self::Title,
            "words" => Self::Words,
            "trim" => Self::Trim,
            "number" => Self::Number,
            "truncate" => {
                let length = argument.and_then(|argument| argument.parse().ok());
                return match length {
                    Some(length @ 1..=MAX_FACT) => Ok(Self::Truncate(length)),
                    _ => Err(format!(
                        "\"truncate\" does not say to how many characters, from 1 to {MAX_FACT}"
                    )),
                };
            }
            other => return Err(format!("{other:?} is not a filter")),
        };
        match argument {
            None => Ok(filter),
            Some(argument) => Err(format!("{name:?} takes no {argument:?}")),
        }
    }

    pub(super) fn apply(self, value: &str) -> String {
        match self {
            Self::Upper => value.to_uppercase(),
            Self::Lower => value.to_lowercase(),
            Self::Title => titled(value),
            Self::Words => value
                .split(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | '+'))
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
            Self::Trim => value.trim().to_owned(),
            Self::Number => {
                let number = value.trim();
                if is_number(number) { number.to_owned() } else { String::new() }
            }
            Self::Truncate(length) => truncated(value, length),
        }
    }
}

fn titled(value: &str) -> String {
    let mut titled = String::with_capacity(value.len());
    let mut inside = false;
    for c in value.chars() {
        if inside {
            titled.push(c);
        } else {
            titled.extend(c.to_uppercase());
        }
        inside = !c.is_whitespace();
    }
    titled
}

/// Digits, perhaps with a point and digits behind it, perhaps below zero.
fn is_number(text: &str) -> bool {
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(part)
}

fn truncated(value: &str, length: usize) -> String {
    if value.chars().nth(length).is_none() {
        return value.to_owned();
    }
    let kept: String = value.chars().take(length - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(filter: &str, value: &str, expected: &str) {
        let (name, argument) = match filter.split_once('(') {
            Some((name, argument)) => (name, argument.strip_suffix(')')),
            None => (filter, None),
        };
        assert_eq!(Filter::named(name, argument).unwrap().apply(value), expected);
    }

    #[test]
    fn filters() {
        check("upper", "straße", "STRASSE");
        check("lower", "ÉTÉ", "été");
        check("title", "rio de  janeiro-sul", "Rio De  Janeiro-sul");
        check("words", "spring-sale__2026+now", "spring sale 2026 now");
        check("words", "--", "");
        check("trim", "  a b ", "a b");
        check("truncate(4)", "abcd", "abcd");
        check("truncate(4)", "abcde", "abc…");
        check("truncate(3)", "é ée", "é…");
        check("truncate(1)", "ab", "…");
        for number in ["0", "-12.50", " 7 "] {
            check("number", number, number.trim());
        }
        for other in ["", "-", "1.", ".5", "1e3", "1,5", "٣", "1 2", "NaN", "--1"] {
            check("number", other, "");
        }
    }

    #[test]
    fn names() {
        for name in FILTERS.split([',', ' ']).filter(|name| !matches!(*name, "" | "and"))
        {
            let name = name.split('(').next().unwrap();
            assert!(
                Filter::named(name, (name == "truncate").then_some("40")).is_ok(),
                "{name}"
            );
        }
        for (name, argument) in [
            ("shout", None),
            ("truncate", None),
            ("truncate", Some("0")),
            ("truncate", Some("201")),
            ("upper", Some("")),
        ] {
            assert!(Filter::named(name, argument).is_err(), "{name} {argument:?}");
        }
    }
}
