//! Datafile + visitor + visit → one decision per experiment, with its reason. Total: it cannot fail.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::datafile::Datafile;
use crate::destination::{Destination, Reach};
use crate::experiment::{Experiment, Rendering, Status, Variant};
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
    /// How far the request can be led.
    pub reach: Reach,
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
    /// The experiment leads to other pages, and the request cannot be led there.
    NotOpened,
    /// The page is one that the experiment leads to.
    AlreadyThere,
    /// An experiment earlier in the datafile leads the visit to another page.
    LedElsewhere,
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

/// Decides every experiment of the datafile, in its order.
///
/// The first variant that leads to another page takes the visit. Later experiments that lead elsewhere are then not
/// asked, whatever they would have shown: control would otherwise be counted where their other variants are not.
pub fn assign<'d>(
    datafile: &'d Datafile,
    visitor: &VisitorId,
    visit: &Visit,
) -> Vec<Decision<'d>> {
    let mut led = false;
    let decide = |experiment| {
        let mut decision = decide(experiment, visitor, visit);
        if let Some(variant) = decision.variant()
            && experiment.has_destinations()
        {
            if led {
                decision.outcome = Outcome::Excluded(Exclusion::LedElsewhere);
            } else {
                decision.destination = Destination::of(variant, &visit.page);
                led = decision.destination.is_some();
            }
        }
        decision
    };
    datafile.experiments().iter().map(decide).collect()
}

fn decide<'d>(
    experiment: &'d Experiment,
    visitor: &VisitorId,
    visit: &Visit,
) -> Decision<'d> {
    let bucket = Bucket::by(experiment.hash, &experiment.seed, visitor);
    let forced = visit.forced.variant(&experiment.key);
    let forced = forced.and_then(|key| experiment.variant(key.as_str()));
    let outcome = if !experiment.pages.matches(&visit.page) {
        Outcome::Excluded(Exclusion::PageNotMatched)
    } else if let Some(exclusion) = cannot_be_led(experiment, visit) {
        Outcome::Excluded(exclusion)
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
    Decision { experiment, bucket, outcome, destination: None }
}

/// Why an experiment that leads to other pages is not for this visit, whichever the variant: a rule for some of them
/// only would make the sides of the comparison unlike.
fn cannot_be_led(experiment: &Experiment, visit: &Visit) -> Option<Exclusion> {
    let addresses = || experiment.variants.iter().filter_map(Variant::leads_to);
    let needed = addresses().map(|address| match address.host() {
        Some(_) => Reach::Anywhere,
        None => Reach::SameHost,
    });
    if visit.reach < needed.max()? {
        Some(Exclusion::NotOpened)
    } else if addresses().any(|address| address.is_at(&visit.page)) {
        // Also what makes a redirect that ends on a page of its own experiment the last one.
        Some(Exclusion::AlreadyThere)
    } else {
        None
    }
}

/// The name of the request header that tells the origin which variants it is to render.
pub const ORIGIN_HEADER: &str = "edgewise";

/// The value of [`ORIGIN_HEADER`] for a visit, `key=variant` with commas in between: one for each experiment whose
/// variants the site renders itself. None if there is none.
///
/// ```
/// use edgewise_engine::{Forced, Page, Reach, Visit, VisitorId, assign, told_to_origin, validate};
/// let draft = r#"{"experiments": [{"key": "home", "name": "Home", "status": "running", "rendering": "origin",
///   "hypothesis": {
///     "we_believe": "another layout", "will_cause": "more sign-ups", "because": "it is shorter"},
///   "pages": {"include": [{"exact": "/"}]}, "variants": [
///     {"key": "control", "name": "As it is", "weight": 0},
///     {"key": "short", "name": "Short", "weight": 10000}]}]}"#;
/// let datafile = validate(draft, 1).0.unwrap();
/// let page = Page::parse("https://example.com/").unwrap();
/// let visit = Visit { page, forced: Forced::default(), reach: Reach::Anywhere };
/// let decisions = assign(&datafile, &VisitorId::new("ada").unwrap(), &visit);
/// assert_eq!(told_to_origin(&decisions).as_deref(), Some("home=short"));
/// ```
pub fn told_to_origin(decisions: &[Decision<'_>]) -> Option<String> {
    let told = decisions.iter().filter_map(|decision| {
        let variant = decision.variant()?;
        let key = &decision.experiment.key;
        (decision.experiment.rendering == Rendering::Origin)
            .then(|| format!("{}={}", key.as_str(), variant.key.as_str()))
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
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
            Outcome::Excluded(Exclusion::NotOpened) => "not-opened",
            Outcome::Excluded(Exclusion::AlreadyThere) => "already-there",
            Outcome::Excluded(Exclusion::LedElsewhere) => "led-elsewhere",
        }
    }

    /// The reason as a sentence.
    pub fn explain(&self) -> String {
        let bucket = self.bucket;
        let name = &self.experiment.name;
        match self.outcome {
            Outcome::Assigned { variant, forced: true } => format!(
                "{} because a QA link forces it; this visit is not counted.",
                self.told(variant)
            ),
            Outcome::Assigned { variant, forced: false } => {
                let told = self.told(variant);
                format!("{told}: bucket {bucket} of 10,000 belongs to it.")
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
            Outcome::Excluded(Exclusion::NotOpened) => format!(
                "Not asked: \"{name}\" leads to other pages, and only a browser that opens a page can be led."
            ),
            Outcome::Excluded(Exclusion::AlreadyThere) => {
                format!("Sees the page as it is: \"{name}\" leads to it.")
            }
            Outcome::Excluded(Exclusion::LedElsewhere) => format!(
                "Not asked: an experiment before \"{name}\" leads this visit to another page."
            ),
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
fn percent(basis_points: u16) -> String {
    let percent = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    percent.trim_end_matches('0').trim_end_matches('.').to_owned()
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
