//! What people write, read forgivingly: a JSON object is walked field by field, and whatever is wrong with one
//! field is noted with its place while the reading goes on.

use std::cell::Cell;
use std::fmt;

use serde_json::{Map, Value};

use crate::distance::nearest;
use crate::problem::Problems;

/// A place in a draft, as `experiments[2].variants[0].weight`.
#[derive(Debug, Clone)]
pub(crate) struct Place(String);

impl Place {
    pub(crate) fn root() -> Self {
        Self(String::new())
    }

    pub(crate) fn field(&self, name: &str) -> Self {
        Self(if self.0.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.0)
        })
    }

    pub(crate) fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a JSON value is, in a word.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Notes that `value` at `at` is not what it should be.
pub(crate) fn wrong_kind(
    problems: &mut Problems,
    at: &Place,
    value: &Value,
    wanted: &str,
) {
    let hint = match wanted {
        "a text" => "Write it in double quotes.",
        "a list" => "Write a list in square brackets, also where it has only one entry.",
        "true or false" => "Write true or false, without quotes.",
        "true" => "Write true without quotes, or leave the whole change out.",
        "a number" => "Write it in digits and without quotes.",
        _ => "Write an object in braces, with its fields in it.",
    };
    let message = format!("expected {wanted}, found {}", kind(value));
    problems.error("wrong-kind", at, message, hint);
}

/// The fields of one object of the draft. Fields that nobody asked for are reported at the end.
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    at: Place,
    known: Vec<&'static str>,
    seen: Cell<usize>,
}

impl<'a> Fields<'a> {
    /// Reads `value` as an object, or notes that it is none.
    pub(crate) fn of(
        value: &'a Value,
        at: &Place,
        what: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        let Value::Object(object) = value else {
            wrong_kind(problems, at, value, what);
            return None;
        };
        Some(Self { object, at: at.clone(), known: Vec::new(), seen: Cell::new(0) })
    }

    /// The place of one of the fields.
    pub(crate) fn place(&self, name: &str) -> Place {
        self.at.field(name)
    }

    /// The place of the object itself.
    pub(crate) fn at(&self) -> &Place {
        &self.at
    }

    /// The field as it is, if it is there.
    pub(crate) fn optional(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        let value = self.object.get(name)?;
        self.seen.set(self.seen.get() + 1);
        Some(value)
    }

    /// The field as it is, or a note that it is missing.
    pub(crate) fn required(
        &mut self,
        name: &'static str,
        hint: &str,
        problems: &mut Problems,
    ) -> Option<&'a Value> {
        let value = self.optional(name);
        if value.is_none() {
            problems.error(
                "missing-field",
                self.place(name),
                format!("{name:?} is missing"),
                hint,
            );
        }
        value
    }

    /// A text that must be there and not be blank.
    pub(crate) fn text(
        &mut self,
        name: &'static str,
        hint: &str,
        problems: &mut Problems,
    ) -> Option<&'a str> {
        let text =
            as_text(self.required(name, hint, problems)?, &self.place(name), problems)?;
        if text.trim().is_empty() {
            problems.error(
                "empty-text",
                self.place(name),
                format!("{name:?} is empty"),
                hint,
            );
            return None;
        }
        Some(text)
    }

    /// Reports the fields that nobody asked for, with the nearest known name; false if there are any.
    pub(crate) fn finish(self, problems: &mut Problems) -> bool {
        if self.seen.get() == self.object.len() {
            return true;
        }
        for name in self.object.keys().filter(|name| !self.known.contains(&name.as_str()))
        {
            let nearest = nearest(name, self.known.iter().copied());
            let hint = match (nearest, &self.known[..]) {
                (Some(known), _) => format!("Did you mean {known:?}?"),
                (None, [only]) => format!("The only field here is {only}."),
                (None, known) => format!("Fields here are {}.", known.join(", ")),
            };
            let message = format!("{name:?} is not a field here");
            problems.error("unknown-field", self.place(name), message, hint);
        }
        false
    }
}

/// `value` as a text, or a note that it is none.
pub(crate) fn as_text<'a>(
    value: &'a Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<&'a str> {
    let text = value.as_str();
    if text.is_none() {
        wrong_kind(problems, at, value, "a text");
    }
    text
}

/// `value` as basis points, or a note that it is none.
pub(crate) fn as_basis_points(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<u16> {
    let number = value.as_u64().filter(|number| *number <= 10_000);
    if number.is_none() {
        let found = match value {
            Value::Number(_) | Value::String(_) => value.to_string(),
            other => kind(other).to_owned(),
        };
        problems.error(
            "not-basis-points",
            at,
            format!("expected a whole number from 0 to 10000, found {found}"),
            "Write the share in hundredths of a percent and without quotes: 2500 is 25 %.",
        );
    }
    number.and_then(|number| u16::try_from(number).ok())
}

/// `value` as a list, or a note that it is none.
pub(crate) fn as_list<'a>(
    value: &'a Value,
    at: &Place,
    problems: &mut Problems,
) -> &'a [Value] {
    match value {
        Value::Array(items) => items,
        _ => {
            wrong_kind(problems, at, value, "a list");
            &[]
        }
    }
}
