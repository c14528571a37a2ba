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
    problems: &mut Problems,
) -> Option<&'a [Value; 2]> {
    let items = as_list(value, at, problems);
    let pair = items.try_into().ok();
    if pair.is_none() && value.is_array() {
        let message = format!("expected two {what}, found {}", items.len());
        problems.error(
            "not-a-pair",
            at,
            message,
            "Write the first and the last, as in [1, 2].",
        );
    }
    pair
}

fn read_between(value: &Value, at: &Place, problems: &mut Problems) -> Option<Test> {
    let [low, high] = read_pair(value, at, "numbers", problems)?;
    let low = read_number(low, &at.item(0), problems);
    let high = read_number(high, &at.item(1), problems);
    let (low, high) = (low?, high?);
    if low > high {
        never_between(at, low, high, problems);
    }
    Some(Test::Number(NumberTest::Between(low, high)))
}

fn never_between(
    at: &Place,
    low: impl std::fmt::Display,
    high: impl std::fmt::Display,
    problems: &mut Problems,
) {
    let message = format!("nothing lies between {low} and {high}");
    problems.error("empty-span", at, message, "Write the lower one first.");
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
                error.to_string(),
                "Write date, time and zone, as in \"2026-12-01T09:00:00+01:00\".",
            );
        })
        .ok()
}

fn read_within(value: &Value, at: &Place, problems: &mut Problems) -> Option<Test> {
    let [from, until] = read_pair(value, at, "times", problems)?;
    let from = read_moment(from, &at.item(0), problems);
    let until = read_moment(until, &at.item(1), problems);
    let (from, until) = (from?, until?);
    if from >= until {
        never_between(at, from, until, problems);
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
        problems.error(
            "not-one-operator",
            at,
            "nothing says how to compare the version",
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
