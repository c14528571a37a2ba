//! Who an experiment is for: conditions on the facts of a visit. Three-valued, after Kleene: what is not known is neither
//! true nor false, and excludes only where the answer hangs on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::comparison::{Test, Value};
use crate::facts::{Fact, Facts};
use crate::key::{ExperimentKey, VariantKey};
use crate::page::{Case, Searches};
use crate::time::Zone;

/// The most conditions of an audience, nested ones counted.
pub const MAX_CONDITIONS: usize = 200;
/// How deep conditions may stand in one another.
pub const MAX_DEPTH: usize = 8;
/// How long a chain of experiments may be that ask for one another's visitors.
pub(crate) const MAX_CHAIN: u8 = 16;

/// A condition on a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    /// Each of them holds.
    All {
        /// Which.
        all: Vec<Self>,
    },
    /// One of them at least holds.
    Any {
        /// Which.
        any: Vec<Self>,
    },
    /// It does not hold.
    Not {
        /// What.
        not: Box<Self>,
    },
    /// The visitor takes part in another experiment.
    InExperiment {
        /// Which; on which pages it runs does not matter.
        in_experiment: ExperimentKey,
        /// With which variant, if that matters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        variant: Option<VariantKey>,
    },
    /// A fact passes a test.
    Fact(FactTest),
}

/// One fact and how it is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactTest {
    /// Which.
    pub fact: Fact,
    /// Whether upper and lower case are the same; by the fact, if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore_case: Option<bool>,
    /// How.
    #[serde(flatten)]
    pub test: Test,
}

impl FactTest {
    fn case(&self) -> Case {
        match self.ignore_case {
            Some(true) => Case::Ignored,
            Some(false) => Case::Kept,
            None => self.fact.case(),
        }
    }
}

/// What a visit says to an audience.
#[derive(Debug)]
pub(crate) enum Verdict<'c> {
    Holds,
    /// The condition that decided.
    Fails(Because<'c>),
    /// The conditions on which it hangs.
    Unknown(Vec<Because<'c>>),
}

/// How many steps it takes to look at a fact, beside comparing it.
const OF_ONE_FACT: usize = 20;

/// What is found of a fact whose comparison does not fit into what a visit may take.
const TOO_LONG: &str = "too long";

/// A condition, and what was found of its fact.
#[derive(Debug, Clone)]
pub struct Because<'c> {
    /// The condition; of one that is not known, the outermost that turns it round, if there is one.
    pub condition: &'c Condition,
    /// The one in it whose fact was looked at.
    leaf: &'c Condition,
    /// What the visit tells, for people.
    pub found: String,
}

impl Because<'_> {
    /// The rest of a sentence that begins with "is for visits where".
    pub(crate) fn told(&self) -> String {
        let condition = self.condition;
        let fact = self.leaf.fact().map(ToString::to_string);
        let fact = fact.as_deref().unwrap_or("that");
        match self.found.as_str() {
            "" => condition.to_string(),
            "none" => format!("{condition}, and here there is none"),
            "unknown" => format!("{condition}, and {fact} is not known"),
            "unreadable" => format!("{condition}, and {fact} cannot be read"),
            TOO_LONG => format!("{condition}, and {fact} would take too long to search"),
            found => format!("{condition}, and here it is {found}"),
        }
    }
}

/// Whether a visitor takes part in another experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Enrolment {
    /// With that variant.
    In(VariantKey),
    Out,
    /// It hangs on what is not known, or on itself.
    Unknown,
}

/// Tells it.
pub(crate) type Enrolled<'e> = dyn Fn(&ExperimentKey) -> Enrolment + 'e;

/// Where the facts come from.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) zone: &'a Zone,
    pub(crate) enrolled: &'a Enrolled<'a>,
    /// What the visit may still take in comparisons.
    pub(crate) searches: &'a Searches,
}

impl<'a> Asked<'a> {
    /// What the visit tells about a fact. None where it has told enough.
    fn look_at(self, fact: &Fact) -> Option<Value<'a>> {
        self.searches.take(OF_ONE_FACT)?;
        let value = self.facts.known(fact, self.zone);
        if let Value::Text(text) = &value {
            self.searches.take(text.len() / 16)?;
        }
        Some(value)
    }
}

impl Condition {
    /// Whether it holds. Datafiles are read no deeper than `serde_json` goes, and drafts no deeper than [`MAX_DEPTH`], so
    /// this ends.
    pub(crate) fn evaluate(&self, asked: Asked<'_>) -> Verdict<'_> {
        match self {
            Self::All { all } => {
                let mut unknown = Vec::new();
                for condition in all {
                    match condition.evaluate(asked) {
                        Verdict::Holds => {}
                        fails @ Verdict::Fails(_) => return fails,
                        Verdict::Unknown(more) => unknown.extend(more),
                    }
                }
                if unknown.is_empty() {
                    Verdict::Holds
                } else {
                    Verdict::Unknown(unknown)
                }
            }
            Self::Any { any } => {
                let mut unknown = Vec::new();
                let mut fails = None;
                for condition in any {
                    match condition.evaluate(asked) {
                        Verdict::Holds => return Verdict::Holds,
                        Verdict::Fails(because) => {
                            fails.get_or_insert(because);
                        }
                        Verdict::Unknown(more) => unknown.extend(more),
                    }
                }
                match fails {
                    _ if !unknown.is_empty() => Verdict::Unknown(unknown),
                    // One of several decides nothing, so all of them are told.
                    Some(because) if any.len() == 1 => Verdict::Fails(because),
                    _ => self.fails(String::new()),
                }
            }
            Self::Not { not } => match not.evaluate(asked) {
                Verdict::Holds => self.fails(not.found(asked)),
                Verdict::Fails(_) => Verdict::Holds,
                Verdict::Unknown(mut unknown) => {
                    for because in &mut unknown {
                        because.condition = self;
                    }
                    Verdict::Unknown(unknown)
                }
            },
            Self::InExperiment { in_experiment, variant } => {
                match ((asked.enrolled)(in_experiment), variant) {
                    (Enrolment::Unknown, _) => self.unknown(Value::Unknown.describe()),
                    (Enrolment::In(_), None) => Verdict::Holds,
                    (Enrolment::In(found), Some(wanted)) if found == *wanted => {
                        Verdict::Holds
                    }
                    (Enrolment::In(_) | Enrolment::Out, _) => self.fails(String::new()),
                }
            }
            Self::Fact(test) => {
                let Some(value) = asked.look_at(&test.fact) else {
                    return self.unknown(TOO_LONG.to_owned());
                };
                match test.test.holds(&value, test.case(), asked.searches) {
                    Some(true) => Verdict::Holds,
                    Some(false) => self.fails(value.describe()),
                    None => self.unknown(match &value {
                        Value::Unknown | Value::Unreadable => value.describe(),
                        _ if test.test.is_of_text() => TOO_LONG.to_owned(),
                        _ => format!("{}, which cannot be compared so", value.describe()),
                    }),
                }
            }
        }
    }

    fn fails(&self, found: String) -> Verdict<'_> {
        Verdict::Fails(Because { condition: self, leaf: self, found })
    }

    fn unknown(&self, found: String) -> Verdict<'_> {
        Verdict::Unknown(vec![Because { condition: self, leaf: self, found }])
    }

    fn found(&self, asked: Asked<'_>) -> String {
        match self {
            Self::Fact(test) => asked.facts.known(&test.fact, asked.zone).describe(),
            _ => String::new(),
        }
    }

    /// The fact it asks for, if it is a test of one.
    pub fn fact(&self) -> Option<&Fact> {
        match self {
            Self::Fact(test) => Some(&test.fact),
            Self::Not { not } => not.fact(),
            _ => None,
        }
    }

    /// The conditions in it that hold none themselves.
    pub(crate) fn leaves(&self) -> Vec<&Self> {
        let mut leaves = Vec::new();
        let mut waiting = vec![self];
        while let Some(condition) = waiting.pop() {
            match condition {
                Self::All { all: inner } | Self::Any { any: inner } => {
                    waiting.extend(inner.iter().rev());
                }
                Self::Not { not } => waiting.push(not),
                Self::InExperiment { .. } | Self::Fact(_) => leaves.push(condition),
            }
        }
        leaves
    }

    /// Whether it hangs on which variant of another experiment the visitor has.
    pub(crate) fn asks_for_another_experiment(&self) -> bool {
        self.leaves().iter().any(|leaf| matches!(leaf, Self::InExperiment { .. }))
    }

    /// How heavy its regular expressions are.
    pub(crate) fn weight(&self) -> usize {
        let weight = |leaf: &&Self| match leaf {
            Self::Fact(test) => test.test.weight(),
            _ => 0,
        };
        self.leaves().iter().map(weight).sum()
    }

    /// Whether it hangs on what our cookie remembers.
    pub(crate) fn asks_for_history(&self) -> bool {
        let of_visitor = |leaf: &&Self| leaf.fact().is_some_and(Fact::is_of_visitor);
        self.leaves().iter().any(of_visitor)
    }
}

/// As a part of a sentence that begins with "where".
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, conditions: &[Self], word: &str| {
            for (index, condition) in conditions.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                match condition {
                    Self::All { .. } | Self::Any { .. } => write!(f, "({condition})")?,
                    _ => condition.fmt(f)?,
                }
            }
            Ok(())
        };
        match self {
            Self::All { all } => joined(f, all, "and"),
            Self::Any { any } => joined(f, any, "or"),
            Self::Not { not } => write!(f, "it is not so that {not}"),
            Self::InExperiment { in_experiment, variant: None } => {
                write!(f, "the visitor is in {:?}", in_experiment.as_str())
            }
            Self::InExperiment { in_experiment, variant: Some(variant) } => write!(
                f,
                "the visitor sees {:?} of {:?}",
                variant.as_str(),
                in_experiment.as_str()
            ),
            Self::Fact(test) => write!(f, "{} {}", test.fact, test.test),
        }
    }
}
