//! Datafile + visitor + visit → one decision per experiment, with its reason. Total: it cannot fail.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::datafile::Datafile;
use crate::experiment::{Experiment, Status, Variant};
use crate::forced::Forced;
use crate::hash::Bucket;
use crate::key::VisitorId;
use crate::page::Page;

/// The facts of one request that a decision may rest on.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The page asked for.
    pub page: Page,
    /// Variants set by hand; already verified.
    pub forced: Forced,
}

/// Why an experiment shows a visitor nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exclusion {
    /// The experiment is a draft, paused or stopped.
    NotRunning,
    /// The page is not one the experiment runs on.
    PageNotMatched,
    /// The bucket belongs to no variant.
    NotCovered,
}

/// What was decided.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'d> {
    /// The visitor sees this variant.
    Assigned {
        /// Which.
        variant: &'d Variant,
        /// Set by hand for QA, and never counted.
        forced: bool,
    },
    /// The experiment is not for this visit.
    Excluded(Exclusion),
}

/// One experiment's answer for one visit.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'d> {
    /// The question.
    pub experiment: &'d Experiment,
    /// The visitor's place in it, whether or not it was looked at.
    pub bucket: Bucket,
    /// The answer.
    pub outcome: Outcome<'d>,
}

/// Decides every experiment of the datafile, in its order.
pub fn assign<'d>(
    datafile: &'d Datafile,
    visitor: &VisitorId,
    visit: &Visit,
) -> Vec<Decision<'d>> {
    datafile
        .experiments()
        .iter()
        .map(|experiment| decide(experiment, visitor, visit))
        .collect()
}

fn decide<'d>(
    experiment: &'d Experiment,
    visitor: &VisitorId,
    visit: &Visit,
) -> Decision<'d> {
    let bucket = Bucket::of(&experiment.seed, visitor);
    let forced = visit.forced.variant(&experiment.key);
    let forced = forced.and_then(|key| experiment.variant(key.as_str()));
    let outcome = if !experiment.pages.matches(&visit.page) {
        Outcome::Excluded(Exclusion::PageNotMatched)
    } else if let Some(variant) = forced {
        // Also before the start and after the end: that is what a QA link is for.
        Outcome::Assigned { variant, forced: true }
    } else if experiment.status != Status::Running {
        Outcome::Excluded(Exclusion::NotRunning)
    } else {
        match experiment.variant_at(bucket) {
            Some(variant) => Outcome::Assigned { variant, forced: false },
            None => Outcome::Excluded(Exclusion::NotCovered),
        }
    };
    Decision { experiment, bucket, outcome }
}

impl<'d> Decision<'d> {
    /// The variant the visitor sees, if any.
    pub fn variant(&self) -> Option<&'d Variant> {
        match self.outcome {
            Outcome::Assigned { variant, .. } => Some(variant),
            Outcome::Excluded(_) => None,
        }
    }

    /// A code for programs: `assigned`, `forced`, or why not.
    pub fn reason(&self) -> &'static str {
        match self.outcome {
            Outcome::Assigned { forced: false, .. } => "assigned",
            Outcome::Assigned { forced: true, .. } => "forced",
            Outcome::Excluded(Exclusion::NotRunning) => "not-running",
            Outcome::Excluded(Exclusion::PageNotMatched) => "page-not-matched",
            Outcome::Excluded(Exclusion::NotCovered) => "not-covered",
        }
    }

    /// The reason as a sentence.
    pub fn explain(&self) -> String {
        let bucket = self.bucket;
        let name = &self.experiment.name;
        match self.outcome {
            Outcome::Assigned { variant, forced: true } => format!(
                "Sees \"{}\" because a QA link forces it; this visit is not counted.",
                variant.name
            ),
            Outcome::Assigned { variant, forced: false } => {
                format!(
                    "Sees \"{}\": bucket {bucket} of 10,000 belongs to it.",
                    variant.name
                )
            }
            Outcome::Excluded(Exclusion::NotRunning) => format!(
                "Sees the page as it is: \"{name}\" is {}.",
                match self.experiment.status {
                    Status::Draft => "still a draft",
                    Status::Paused => "paused",
                    Status::Running | Status::Stopped => "stopped",
                }
            ),
            Outcome::Excluded(Exclusion::PageNotMatched) => {
                format!("Not asked: \"{name}\" does not run on this page.")
            }
            Outcome::Excluded(Exclusion::NotCovered) => format!(
                "Sees the page as it is: bucket {bucket} of 10,000 is outside the {} % of visitors who take part.",
                percent(self.experiment.coverage)
            ),
        }
    }
}

/// Basis points as a percentage, without digits that say nothing.
fn percent(basis_points: u16) -> String {
    let percent = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    percent.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Serialize for Decision<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut decision = serializer.serialize_struct("Decision", 5)?;
        decision.serialize_field("experiment", &self.experiment.key)?;
        decision
            .serialize_field("variant", &self.variant().map(|variant| &variant.key))?;
        decision.serialize_field("bucket", &self.bucket)?;
        decision.serialize_field("reason", self.reason())?;
        decision.serialize_field("explain", &self.explain())?;
        decision.end()
    }
}
