//! How a fact is compared: the operators of a draft.

use serde_json::{Map, Number, Value};

use super::test::read_test as read_text_test;
use crate::comparison::{NumberTest, Test, VersionTest, is_version};
use crate::draft::{Place, as_list, as_text, wrong_kind};
use crate::problem::Problems;
use crate::time::Moment;

/// All operators, in the order in which people are told.
pub(super) const OPERATORS: [&str; 14] = [
    "is", "one_of", "contains", "starts", "ends", "matches", "exists", "less", "at_most",
    "more", "at_least", "between", "version", "within",
];

/// Reads the one operator among the fields of an object.
pub(super) fn read_test(
    object: &Map<String, Value>,
    whole: &Place,
    problems: &mut Problems,
) -> Option<Test> {
    let mut found = OPERATORS.iter().filter(|name| object.contains_key(**name));
    let (Some(operator), None) = (found.next(), found.next()) else {
        let count = OPERATORS.iter().filter(|name| object.contains_key(**name)).count();
        problems.error(
            "not-one-operator",
            whole,
            match count {
                0 => "nothing says how to compare".to_owned(),
                count => format!("a fact is compared in one way, and here are {count}"),
            },
            format!("Write one of {}.", OPERATORS.join(", ")),
        );
        return None;
    };
    let value = &object[*operator];
    let at = whole.field(operator);
    let number = |kind: fn(f64) -> NumberTest, problems: &mut Problems| {
        read_number(value, &at, problems).map(|number| Test::Number(kind(number)))
    };
    match *operator {
        "less" => number(NumberTest::Less, problems),
        "at_most" => number(NumberTest::AtMost, problems),
        "more" => number(NumberTest::More, problems),
        "at_least" => number(NumberTest::AtLeast, problems),
        "between" => read_between(value, &at, problems),
        "version" => Some(Test::Version { version: read_version(value, &at, problems)? }),
        "within" => read_within(value, &at, problems),
        _ => {
            let one = Map::from_iter([((*operator).to_owned(), value.clone())]);
            read_text_test(&Value::Object(one), whole, problems).map(Test::Text)
        }
    }
}

fn read_number(value: &Value, at: &Place, problems: &mut Problems) -> Option<f64> {
    let number = value.as_number().and_then(Number::as_f64);
    if number.is_none() {
        wrong_kind(problems, at, value, "a number");
    }
    number
}

fn read_pair<'a>(
    value: &'a Value,
    at: &Place,
    what: &str,
    example: &str,
    problems: &mut Problems,
) -> Option<&'a [Value; 2]> {
    let items = as_list(value, at, problems);
    let pair = items.try_into().ok();
    if pair.is_none() && value.is_array() {
        let message = format!("expected two {what}, found {}", items.len());
        let hint = format!("Write the first and the last, as in {example}.");
        problems.error("not-a-pair", at, message, hint);
    }
    pair
}

fn read_between(value: &Value, at: &Place, problems: &mut Problems) -> Option<Test> {
    let [low, high] = read_pair(value, at, "numbers", "[1, 2]", problems)?;
    let low = read_number(low, &at.item(0), problems);
    let high = read_number(high, &at.item(1), problems);
    let (low, high) = (low?, high?);
    if low > high {
        let message = format!("nothing lies between {low} and {high}");
        problems.error("empty-span", at, message, "Write the lower one first.");
    }
    Some(Test::Number(NumberTest::Between(low, high)))
}

/// The time that a text tells.
pub(super) fn read_moment(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<Moment> {
    let text = as_text(value, at, problems)?;
    let moment = Moment::parse(text);
    moment
        .map_err(|error| {
            problems.error(
                "not-a-time",
                at,
                format!("{:?} is not a point in time", error.text()),
                "Write date, time and offset, as in \"2026-12-01T09:00:00+01:00\".",
            );
        })
        .ok()
}

fn read_within(value: &Value, at: &Place, problems: &mut Problems) -> Option<Test> {
    let example = "[\"2026-12-01T00:00:00Z\", \"2026-12-24T00:00:00Z\"]";
    let [from, until] = read_pair(value, at, "times", example, problems)?;
    let from = read_moment(from, &at.item(0), problems);
    let until = read_moment(until, &at.item(1), problems);
    let (from, until) = (from?, until?);
    if from >= until {
        let message = format!("no time lies between {from} and {until}");
        let hint = "Write the earlier one first; the second is no longer part of it.";
        problems.error("empty-span", at, message, hint);
    }
    Some(Test::Within { within: (from, until) })
}

fn read_version(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<VersionTest> {
    type Kind = fn(String) -> VersionTest;
    let kinds: [(&str, Kind); 5] = [
        ("is", VersionTest::Is),
        ("less", VersionTest::Less),
        ("at_most", VersionTest::AtMost),
        ("more", VersionTest::More),
        ("at_least", VersionTest::AtLeast),
    ];
    let object = value.as_object().filter(|object| object.len() == 1);
    let found = object.and_then(|object| {
        kinds.iter().find_map(|(name, kind)| Some((name, kind, object.get(*name)?)))
    });
    let Some((name, kind, value)) = found else {
        let names: Vec<_> = value.as_object().into_iter().flat_map(Map::keys).collect();
        problems.error(
            "not-one-operator",
            at,
            match names[..] {
                [] => "nothing says how to compare the version".to_owned(),
                [name] => format!("{name:?} is not a way to compare a version"),
                _ => format!(
                    "a version is compared in one way, and here are {}",
                    names.len()
                ),
            },
            "Write {\"at_least\": \"17.4\"}, or is, less, at_most or more.",
        );
        return None;
    };
    let at = at.field(name);
    let text = as_text(value, &at, problems)?.to_owned();
    if !is_version(&text) {
        let message = format!("{text:?} is not a version");
        problems.error(
            "not-a-version",
            &at,
            message,
            "Write numbers with dots, as in \"17.4\".",
        );
        return None;
    }
    Some(kind(text))
}
