//! Who an experiment is for: the conditions of a draft.

use serde_json::{Map, Value};

use super::comparison::{OPERATORS, read_test};
use crate::audience::{Condition, FactTest, MAX_CONDITIONS, MAX_DEPTH};
use crate::comparison::Test;
use crate::draft::{Fields, Place, as_list, as_text, wrong_kind};
use crate::facts::{Fact, Named, NoFact, all_facts, nearest_fact};
use crate::key::{ExperimentKey, VariantKey};
use crate::page::TextTest;
use crate::problem::Problems;

const HINT: &str = "Write {\"fact\": \"geo.country\", \"is\": \"DE\"}, or several in {\"all\": []}, {\"any\": []} or {\"not\": {}}.";

pub(super) fn read_audience(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<Condition> {
    let value = fields.optional("audience")?;
    let at = fields.place("audience");
    let mut reading = Reading { count: 0, problems };
    let condition = reading.condition(value, &at, 1);
    let count = reading.count;
    if count > MAX_CONDITIONS {
        problems.error(
            "too-many",
            &at,
            format!("an audience has at most {MAX_CONDITIONS} conditions, and this has {count}"),
            "Write \"one_of\" with a list in place of many conditions on one fact.",
        );
    }
    condition
}

struct Reading<'p> {
    count: usize,
    problems: &'p mut Problems,
}

/// What a condition is told by.
const KINDS: [&str; 5] = ["all", "any", "not", "in_experiment", "fact"];

impl Reading<'_> {
    fn condition(
        &mut self,
        value: &Value,
        at: &Place,
        depth: usize,
    ) -> Option<Condition> {
        self.count += 1;
        let Value::Object(object) = value else {
            wrong_kind(self.problems, at, value, "an object that describes a condition");
            return None;
        };
        let kinds: Vec<_> =
            KINDS.iter().filter(|kind| object.contains_key(**kind)).collect();
        let [kind] = kinds[..] else {
            let message = match kinds.len() {
                0 => "this condition asks for nothing".to_owned(),
                count => {
                    format!("a condition asks for one thing, and this asks for {count}")
                }
            };
            self.problems.error("not-one-condition", at, message, HINT);
            return None;
        };
        if depth > MAX_DEPTH {
            self.problems.error(
                "too-deep",
                at,
                format!("conditions stand in one another more than {MAX_DEPTH} deep"),
                "Say it with fewer levels; {\"not\": {\"any\": []}} is the same as all of the opposites.",
            );
            return None;
        }
        match *kind {
            "all" => Some(Condition::All { all: self.list(value, at, "all", depth)? }),
            "any" => Some(Condition::Any { any: self.list(value, at, "any", depth)? }),
            "not" => self.not(value, at, depth),
            "in_experiment" => self.in_experiment(value, at),
            _ => self.fact(object, value, at),
        }
    }

    fn list(
        &mut self,
        value: &Value,
        at: &Place,
        name: &'static str,
        depth: usize,
    ) -> Option<Vec<Condition>> {
        let mut fields = Fields::of(value, at, "a condition", self.problems)?;
        let list = fields.optional(name)?;
        let place = fields.place(name);
        fields.finish(self.problems);
        let items = as_list(list, &place, self.problems);
        if items.is_empty() && list.is_array() {
            let message = format!("there is nothing in {name:?}");
            self.problems.error("no-conditions", &place, message, HINT);
        }
        let mut conditions = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if self.count > MAX_CONDITIONS {
                // That is said once.
                return None;
            }
            conditions.extend(self.condition(item, &place.item(index), depth + 1));
        }
        (conditions.len() == items.len() && !items.is_empty()).then_some(conditions)
    }

    fn not(&mut self, value: &Value, at: &Place, depth: usize) -> Option<Condition> {
        let mut fields = Fields::of(value, at, "a condition", self.problems)?;
        let inner = fields.optional("not")?;
        let place = fields.place("not");
        fields.finish(self.problems);
        let not = Box::new(self.condition(inner, &place, depth + 1)?);
        Some(Condition::Not { not })
    }

    fn in_experiment(&mut self, value: &Value, at: &Place) -> Option<Condition> {
        let mut fields = Fields::of(value, at, "a condition", self.problems)?;
        let key = fields.text(
            "in_experiment",
            "Write the other experiment's key.",
            self.problems,
        );
        let key = key.and_then(|key| {
            super::checked(
                ExperimentKey::new(key),
                &fields.place("in_experiment"),
                self.problems,
            )
        });
        let variant = match fields.optional("variant") {
            None => Some(None),
            Some(value) => {
                let place = fields.place("variant");
                let text = as_text(value, &place, self.problems);
                text.and_then(|key| {
                    super::checked(VariantKey::new(key), &place, self.problems)
                })
                .map(Some)
            }
        };
        fields.finish(self.problems);
        Some(Condition::InExperiment { in_experiment: key?, variant: variant? })
    }

    fn fact(
        &mut self,
        object: &Map<String, Value>,
        value: &Value,
        at: &Place,
    ) -> Option<Condition> {
        let mut fields = Fields::of(value, at, "a condition", self.problems)?;
        let name = fields.text(
            "fact",
            "Name a fact, for example \"geo.country\".",
            self.problems,
        );
        let fact = name.and_then(|name| self.fact_named(name, &fields.place("fact")));
        let ignore_case = match fields.optional("ignore_case") {
            None => Some(None),
            Some(Value::Bool(ignored)) => Some(Some(*ignored)),
            Some(other) => {
                wrong_kind(
                    self.problems,
                    &fields.place("ignore_case"),
                    other,
                    "true or false",
                );
                None
            }
        };
        for operator in OPERATORS {
            fields.optional(operator);
        }
        let understood = fields.finish(self.problems);
        let compared = OPERATORS.iter().any(|operator| object.contains_key(*operator));
        // An operator that there is not has been told, and is the one that seems to be missing.
        let test = (understood || compared)
            .then(|| read_test(object, at, self.problems))
            .flatten();
        let (fact, ignore_case, test) = (fact?, ignore_case?, test?);
        self.check_kind(&fact, &test, at);
        Some(Condition::Fact(FactTest { fact, ignore_case, test }))
    }

    fn fact_named(&mut self, name: &str, at: &Place) -> Option<Fact> {
        let error = match Fact::parse(name) {
            Ok(fact) => return Some(fact),
            Err(error) => error,
        };
        let (message, hint) = match error {
            NoFact::Unknown | NoFact::NotForCopy => (
                format!("{name:?} is not a fact that a visit tells"),
                match nearest_fact(name) {
                    Some(fact) => format!("Did you mean {fact:?}?"),
                    None => format!("Facts are {}.", all_facts()),
                },
            ),
            NoFact::Ours => (
                format!("{name:?} is not for conditions"),
                "Edgewise's own cookies and what signs people in are left alone."
                    .to_owned(),
            ),
        };
        self.problems.error("unknown-fact", at, message, hint);
        None
    }

    /// Whether the operator can say anything of the fact.
    fn check_kind(&mut self, fact: &Fact, test: &Test, at: &Place) {
        let timed = *fact == Fact::Named(Named::Now);
        if timed != matches!(test, Test::Within { .. }) {
            self.problems.error(
                "wrong-operator",
                at,
                if timed {
                    "\"now\" is a time, and is compared with \"within\"".to_owned()
                } else {
                    format!("\"{fact}\" is no time, and \"within\" compares times")
                },
                "Write {\"fact\": \"now\", \"within\": [\"2026-12-01T00:00:00Z\", \"2026-12-24T00:00:00Z\"]}.",
            );
        }
        let Fact::Named(named) = fact else { return };
        let versioned =
            matches!(named, Named::DeviceOsVersion | Named::DeviceBrowserVersion);
        if versioned && matches!(test, Test::Number(_)) {
            self.problems.error(
                "wrong-operator",
                at,
                format!("\"{fact}\" is a version, and is compared with \"version\""),
                "Write {\"version\": {\"at_least\": \"17.4\"}}, or is, less, at_most or more in place of at_least.",
            );
        }
        let (known, hint): (&dyn Fn(&str) -> bool, _) = match named.vocabulary() {
            Some(words) => (
                &|text| words.iter().any(|word| word.eq_ignore_ascii_case(text)),
                format!("It is one of {}.", words.join(", ")),
            ),
            None if *named == Named::Country => (
                &|text| is_country(text),
                "Write two letters of ISO 3166, as in \"DE\" or \"GB\".".to_owned(),
            ),
            None => return,
        };
        let wanted: Vec<_> = match test {
            Test::Text(TextTest::Is(text)) => vec![(at.field("is"), text)],
            Test::Text(TextTest::OneOf(texts)) => {
                let at = at.field("one_of");
                let place = |(index, text)| (at.item(index), text);
                texts.iter().enumerate().map(place).collect()
            }
            _ => return,
        };
        for (at, unknown) in wanted.into_iter().filter(|(_, text)| !known(text)) {
            let message = format!("\"{fact}\" is never {unknown:?}");
            self.problems.error("never-so", at, message, hint.clone());
        }
    }
}

/// Whether a text looks like a country of ISO 3166; `UK` is reserved there, and no visit says it.
fn is_country(text: &str) -> bool {
    text.len() == 2
        && text.bytes().all(|b| b.is_ascii_alphabetic())
        && !text.eq_ignore_ascii_case("UK")
}
