//! What was decided, and why: as a code for programs and as a sentence for people.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::audience::Because;
use crate::destination::Destination;
use crate::experiment::{Experiment, Status, Variant};
use crate::hash::Bucket;
use crate::layer::{Holdout, InLayer};
use crate::time::Moment;

/// Why an experiment shows a visitor nothing.
#[derive(Debug, Clone)]
pub enum Exclusion<'d> {
    /// The page is not one the experiment runs on.
    PageNotMatched,
    /// Whether it is would take too long to find out: a long address, and regular expressions.
    PageTooLong,
    /// The experiment leads to other pages, and the request cannot be led there.
    NotOpened,
    /// The page is one that the experiment leads to.
    AlreadyThere,
    /// An experiment earlier in the datafile leads the visit to another page.
    LedElsewhere,
    /// The experiment is a draft, paused or stopped.
    NotRunning,
    /// It begins later.
    NotStarted(Moment),
    /// It is over.
    Ended(Moment),
    /// It has a schedule, and nobody said what time it is.
    TimeUnknown,
    /// A program asks, not a person.
    Bot,
    /// The browser says that the visitor does not want to take part.
    OptedOut,
    /// The visitor has not agreed to take part.
    NoConsent,
    /// The visitor is kept out of all experiments.
    HeldOut(&'d Holdout),
    /// In the layer the visitor belongs to another experiment, or to none.
    OtherInLayer(&'d InLayer),
    /// The experiment is for others.
    NotInAudience(Because<'d>),
    /// Whether it is for this visit hangs on what is not known.
    FactsUnknown(Vec<Because<'d>>),
    /// The bucket's variant has been stopped, or the one that the visitor keeps.
    VariantStopped(&'d Variant),
    /// The bucket belongs to no variant, at this coverage in basis points.
    NotCovered(u16),
}

/// What was decided.
#[derive(Debug, Clone)]
pub enum Outcome<'d> {
    /// The visitor sees this variant.
    Assigned {
        /// Which.
        variant: &'d Variant,
        /// Set by hand for QA, and never counted.
        forced: bool,
        /// Not by the bucket: the visitor saw it first and keeps it.
        kept: bool,
    },
    /// The experiment is not for this visit.
    Excluded(Exclusion<'d>),
}

/// One experiment's answer for one visit.
#[derive(Debug, Clone)]
pub struct Decision<'d> {
    /// The question.
    pub experiment: &'d Experiment,
    /// The visitor's place in it, whether or not it was looked at.
    pub bucket: Bucket,
    /// The answer.
    pub outcome: Outcome<'d>,
    /// Where the variant leads the visit, if it does not show the page asked for. One decision at most has one.
    pub destination: Option<Destination>,
}

impl<'d> Decision<'d> {
    /// The variant the visitor sees, if any.
    pub fn variant(&self) -> Option<&'d Variant> {
        match self.outcome {
            Outcome::Assigned { variant, .. } => Some(variant),
            Outcome::Excluded(_) => None,
        }
    }

    /// Whether another visitor might see something here, so that somebody new has to be known again: who gets another id
    /// with each page would sooner or later get one that takes part.
    pub fn hangs_on_visitor(&self) -> bool {
        let Outcome::Excluded(exclusion) = &self.outcome else { return false };
        match exclusion {
            Exclusion::HeldOut(_)
            | Exclusion::OtherInLayer(_)
            | Exclusion::VariantStopped(_)
            | Exclusion::NotCovered(_) => true,
            Exclusion::NotInAudience(because) => {
                because.condition.asks_for_another_experiment()
            }
            _ => false,
        }
    }

    /// Whether another request for the same page might be shown something, so that no cache may answer it with what this
    /// one is given.
    pub fn hangs_on_request(&self) -> bool {
        !matches!(
            self.outcome,
            Outcome::Excluded(
                Exclusion::PageNotMatched
                    | Exclusion::NotRunning
                    | Exclusion::NotStarted(_)
                    | Exclusion::Ended(_)
                    | Exclusion::AlreadyThere
            )
        )
    }

    /// Whether the same visitor might see something here after some more visits.
    pub fn hangs_on_history(&self) -> bool {
        let over = matches!(
            self.outcome,
            Outcome::Excluded(
                Exclusion::PageNotMatched | Exclusion::NotRunning | Exclusion::Ended(_)
            )
        );
        self.experiment.asks_for_history() && !over
    }

    /// A code for programs: `assigned`, `forced`, `kept`, or why not.
    pub fn reason(&self) -> &'static str {
        match &self.outcome {
            Outcome::Assigned { forced: true, .. } => "forced",
            Outcome::Assigned { kept: true, .. } => "kept",
            Outcome::Assigned { .. } => "assigned",
            Outcome::Excluded(exclusion) => exclusion.reason(),
        }
    }

    /// The reason as a sentence.
    pub fn explain(&self) -> String {
        let bucket = self.bucket;
        match &self.outcome {
            Outcome::Assigned { variant, forced: true, .. } => format!(
                "{} because a QA link forces it; this visit is not counted.",
                self.told(variant)
            ),
            Outcome::Assigned { variant, kept: true, .. } => format!(
                "{}, which it saw first: visitors keep their variant here.",
                self.told(variant)
            ),
            Outcome::Assigned { variant, .. } => {
                let told = self.told(variant);
                format!("{told}: bucket {bucket} of 10,000 belongs to it.")
            }
            Outcome::Excluded(exclusion) => self.explain_exclusion(exclusion),
        }
    }

    /// The decision told from its beginning, for people: what is asked, where and to whom, and how it came out. A few lines,
    /// the first of which names the experiment.
    pub fn story(&self) -> String {
        let experiment = self.experiment;
        let name = &experiment.name;
        let mut story = format!("{name} ({})\n", experiment.key);
        let mut tell = |sentence: String| story.push_str(&format!("  {sentence}\n"));
        tell(format!("Asked: whether {}.", experiment.question()));
        if let Some(audience) = &experiment.audience {
            tell(format!("For visits where {audience}."));
        }
        if let Some(layer) = &experiment.layer {
            let share = percent(layer.share);
            tell(format!("In the layer \"{}\", of which it has {share} %.", layer.key));
        }
        tell(format!(
            "{} % of those visitors take part: {}.",
            percent(experiment.coverage),
            experiment
                .variants
                .iter()
                .map(|one| format!("{} % see \"{}\"", percent(one.weight), one.name))
                .collect::<Vec<_>>()
                .join(", ")
        ));
        tell(self.explain());
        story
    }

    fn explain_exclusion(&self, exclusion: &Exclusion<'_>) -> String {
        let bucket = self.bucket;
        let name = &self.experiment.name;
        match exclusion {
            Exclusion::NotRunning => {
                let status = match self.experiment.status {
                    Status::Draft => "still a draft",
                    Status::Paused => "paused",
                    Status::Running | Status::Stopped => "stopped",
                };
                format!("Sees the page as it is: \"{name}\" is {status}.")
            }
            Exclusion::NotStarted(start) => {
                format!("Sees the page as it is: \"{name}\" starts at {start}.")
            }
            Exclusion::Ended(end) => {
                format!("Sees the page as it is: \"{name}\" ended at {end}.")
            }
            Exclusion::TimeUnknown => format!(
                "Not asked: \"{name}\" has a schedule, and the time is not known."
            ),
            Exclusion::PageNotMatched => {
                format!("Not asked: \"{name}\" does not run on this page.")
            }
            Exclusion::PageTooLong => format!(
                "Not asked: whether \"{name}\" runs on this page would take too long to find out; the address is long, and its regular expressions, or those of experiments before it, are heavy."
            ),
            Exclusion::NotCovered(coverage) => format!(
                "Sees the page as it is: bucket {bucket} of 10,000 is outside the {} % of visitors who take part.",
                percent(*coverage)
            ),
            Exclusion::VariantStopped(variant) if !variant.allocation.contains(bucket) => {
                format!(
                    "Sees the page as it is: it saw \"{}\" first, which has been stopped.",
                    variant.name
                )
            }
            Exclusion::VariantStopped(variant) => format!(
                "Sees the page as it is: bucket {bucket} of 10,000 belongs to \"{}\", which has been stopped.",
                variant.name
            ),
            Exclusion::NotOpened => format!(
                "Not asked: \"{name}\" leads to other pages, and only a browser that opens a page can be led."
            ),
            Exclusion::AlreadyThere => {
                format!("Sees the page as it is: \"{name}\" leads to it.")
            }
            Exclusion::LedElsewhere => format!(
                "Not asked: an experiment before \"{name}\" leads this visit to another page."
            ),
            Exclusion::Bot => {
                "Sees the page as it is: a program asks for it, not a person.".to_owned()
            }
            Exclusion::OptedOut => "Sees the page as it is: the browser says that the visitor does not want to take part (Global Privacy Control or Do Not Track).".to_owned(),
            Exclusion::NoConsent => {
                "Sees the page as it is: the visitor has not agreed to take part.".to_owned()
            }
            Exclusion::HeldOut(holdout) => format!(
                "Sees the page as it is: the visitor is held out of all experiments by \"{}\".",
                holdout.name
            ),
            Exclusion::OtherInLayer(layer) => format!(
                "Not asked: in the layer \"{}\" the visitor belongs to another experiment or to none; {} % are for \"{name}\".",
                layer.key,
                percent(layer.share)
            ),
            Exclusion::NotInAudience(because) => {
                format!("Not asked: \"{name}\" is for visits where {}.", because.told())
            }
            Exclusion::FactsUnknown(because) => {
                let told: Vec<_> = because.iter().map(Because::told).collect();
                format!(
                    "Not asked: \"{name}\" is for visits where {}.",
                    told.join("; and where ")
                )
            }
        }
    }

    /// What the visitor gets.
    fn told(&self, variant: &Variant) -> String {
        let name = &variant.name;
        match &self.destination {
            None => format!("Sees \"{name}\""),
            Some(Destination::Redirect { location, .. }) => {
                format!("Is sent to {location} by \"{name}\"")
            }
            Some(Destination::Page { path_and_query }) => {
                format!("Sees \"{name}\", which is {path_and_query} at this address")
            }
        }
    }
}

/// Basis points as a percentage, without digits that say nothing.
pub(crate) fn percent(basis_points: u16) -> String {
    let percent = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    percent.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Exclusion<'_> {
    /// A code for programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::PageNotMatched => "page-not-matched",
            Self::PageTooLong => "page-too-long",
            Self::NotOpened => "not-opened",
            Self::AlreadyThere => "already-there",
            Self::LedElsewhere => "led-elsewhere",
            Self::NotRunning => "not-running",
            Self::NotStarted(_) => "not-started",
            Self::Ended(_) => "ended",
            Self::TimeUnknown => "time-unknown",
            Self::Bot => "bot",
            Self::OptedOut => "opted-out",
            Self::NoConsent => "no-consent",
            Self::HeldOut(_) => "held-out",
            Self::OtherInLayer(_) => "other-in-layer",
            Self::NotInAudience(_) => "not-in-audience",
            Self::FactsUnknown(_) => "facts-unknown",
            Self::VariantStopped(_) => "variant-stopped",
            Self::NotCovered(_) => "not-covered",
        }
    }
}

impl Serialize for Decision<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let destination = self.destination.as_ref();
        let length = if destination.is_some() { 6 } else { 5 };
        let mut decision = serializer.serialize_struct("Decision", length)?;
        decision.serialize_field("experiment", &self.experiment.key)?;
        decision
            .serialize_field("variant", &self.variant().map(|variant| &variant.key))?;
        decision.serialize_field("bucket", &self.bucket)?;
        decision.serialize_field("reason", self.reason())?;
        decision.serialize_field("explain", &self.explain())?;
        if let Some(location) = destination.and_then(Destination::redirect) {
            decision.serialize_field("redirect", location)?;
        }
        if let Some(page) = destination.and_then(Destination::page) {
            decision.serialize_field("page", page)?;
        }
        decision.end()
    }
}
