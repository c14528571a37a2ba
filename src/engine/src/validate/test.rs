//! How a text is compared: the tests and regular expressions of a draft.

use serde_json::Value;

use crate::draft::{Place, as_list, as_text, wrong_kind};
use crate::page::{InvalidPattern, Pattern, TextTest};
use crate::problem::Problems;

/// The most texts that one test has to choose from.
const MAX_TEXTS: usize = 1_000;

const OPERATORS: &str =
    "\"is\", \"one_of\", \"contains\", \"starts\", \"ends\", \"matches\" or \"exists\"";

/// Reads a text (short for `{"is": TEXT}`), a number as if it were written as a text, or an object with one operator.
pub(super) fn read_test(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<TextTest> {
    let object = match value {
        Value::String(_) | Value::Number(_) => {
            return Some(TextTest::Is(read_text(value, at, problems)?));
        }
        Value::Object(object) => object,
        _ => {
            let wanted = "a text, or an object such as {\"starts\": \"spring\"}";
            wrong_kind(problems, at, value, wanted);
            return None;
        }
    };
    let mut operators = object.iter();
    let (Some((operator, value)), None) = (operators.next(), operators.next()) else {
        problems.error(
            "not-one-operator",
            at,
            format!("a comparison has one operator, and this has {}", object.len()),
            format!("Write one of {OPERATORS}."),
        );
        return None;
    };
    let at = at.field(operator);
    let kind: fn(String) -> TextTest = match operator.as_str() {
        "is" => TextTest::Is,
        "contains" => TextTest::Contains,
        "starts" => TextTest::Starts,
        "ends" => TextTest::Ends,
        "one_of" => {
            let texts = as_list(value, &at, problems);
            if !(1..=MAX_TEXTS).contains(&texts.len()) && value.is_array() {
                problems.error(
                    "text-count",
                    &at,
                    format!(
                        "\"one_of\" names 1 to {MAX_TEXTS} texts, and this names {}",
                        texts.len()
                    ),
                    "Name those that will do; where any will, write {\"exists\": true}.",
                );
            }
            let texts = texts.iter().take(MAX_TEXTS).enumerate();
            let texts: Vec<_> = texts
                .map(|(index, text)| read_text(text, &at.item(index), problems))
                .collect();
            return Some(TextTest::OneOf(texts.into_iter().collect::<Option<_>>()?));
        }
        "matches" => {
            let text = as_text(value, &at, problems)?;
            return Some(TextTest::Matches(read_pattern(text, &at, problems)?));
        }
        "exists" => {
            let Value::Bool(wanted) = value else {
                wrong_kind(problems, &at, value, "true or false");
                return None;
            };
            return Some(TextTest::Exists(*wanted));
        }
        unknown => {
            problems.error(
                "unknown-operator",
                &at,
                format!("{unknown:?} is not a way to compare a text"),
                format!("Write one of {OPERATORS}."),
            );
            return None;
        }
    };
    let text = read_text(value, &at, problems)?;
    if text.is_empty() && operator != "is" {
        problems.error(
            "empty-text",
            &at,
            format!("{operator:?} is empty, and every text has that"),
            "Write what has to be there, or {\"exists\": true} if any text will do.",
        );
    }
    Some(kind(text))
}

/// A text, or a number as it is written.
fn read_text(value: &Value, at: &Place, problems: &mut Problems) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        _ => as_text(value, at, problems).map(str::to_owned),
    }
}

/// Compiles a regular expression.
pub(super) fn read_pattern(
    text: &str,
    at: &Place,
    problems: &mut Problems,
) -> Option<Pattern> {
    let hint = |error: &InvalidPattern| match error {
        InvalidPattern::TooLong(_) => {
            "Write several rules, or shorten it; a long list of texts is better served by \"one_of\"."
        }
        InvalidPattern::TooLarge => {
            "Repeat less: what is repeated inside of a repetition counts each time."
        }
        InvalidPattern::Syntax(_) => {
            "Look at the brackets, and write \"\\\\\" before a sign that is meant as it stands. Look-around, back-references and \"\\\\p\" are not to be had."
        }
    };
    Pattern::new(text)
        .map_err(|error| {
            problems.error("not-a-regex", at, error.to_string(), hint(&error));
        })
        .ok()
}
