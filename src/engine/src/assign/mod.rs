//! Datafile + visitor + visit → one decision per experiment, with its reason. Total: it cannot fail.

mod decision;
mod enrolment;

use crate::datafile::Datafile;
use crate::destination::{Destination, Reach};
use crate::experiment::{Experiment, Rendering, Variant};
use crate::facts::Facts;
use crate::forced::Forced;
use crate::hash::Bucket;
use crate::key::VisitorId;
use crate::page::{self, Page};
use crate::sticky::Sticky;

pub(crate) use self::decision::percent;
pub use self::decision::{Decision, Exclusion, Outcome};
use self::enrolment::Visiting;

/// One request, as far as a decision may rest on it.
#[derive(Debug)]
pub struct Visit<'h> {
    /// The page asked for.
    pub page: Page,
    /// What the request tells.
    pub facts: Facts<'h>,
    /// Variants set by hand; already verified.
    pub forced: Forced,
    /// Variants that the visitor keeps; already verified.
    pub sticky: Sticky,
    /// How far the request can be led.
    pub reach: Reach,
}

impl Visit<'_> {
    /// A browser opens the page, and nothing else is known of it.
    pub fn to(page: Page) -> Self {
        Self {
            facts: Facts::of_page(&page),
            page,
            forced: Forced::default(),
            sticky: Sticky::default(),
            reach: Reach::Anywhere,
        }
    }
}

/// Decides every experiment of the datafile, in its order.
///
/// The first variant that leads to another page takes the visit. Later experiments that lead elsewhere are then not
/// asked, whatever they would have shown: control would otherwise be counted where their other variants are not.
pub fn assign<'d>(
    datafile: &'d Datafile,
    visitor: &VisitorId,
    visit: &Visit<'_>,
) -> Vec<Decision<'d>> {
    decide_all(datafile, datafile.experiments(), visitor, visit)
}

/// The same without the experiments that do not run on the page: how many there are of those costs nothing.
pub fn assign_on_page<'d>(
    datafile: &'d Datafile,
    visitor: &VisitorId,
    visit: &Visit<'_>,
) -> Vec<Decision<'d>> {
    let candidates = datafile.candidates(&visit.page).into_iter();
    let mut decisions = decide_all(datafile, candidates, visitor, visit);
    decisions.retain(|one| {
        !matches!(one.outcome, Outcome::Excluded(Exclusion::PageNotMatched))
    });
    decisions
}

fn decide_all<'d>(
    datafile: &'d Datafile,
    experiments: impl Iterator<Item = &'d Experiment>,
    visitor: &VisitorId,
    visit: &Visit<'_>,
) -> Vec<Decision<'d>> {
    let visiting = Visiting::new(datafile, visitor, visit);
    let mut led = false;
    let decide = |experiment| {
        let mut decision = decide(experiment, &visiting);
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
    experiments.map(decide).collect()
}

fn decide<'d>(experiment: &'d Experiment, visiting: &Visiting<'d, '_>) -> Decision<'d> {
    let visit = visiting.visit;
    let bucket = Bucket::by(experiment.hash, &experiment.seed, visiting.visitor);
    let page = experiment.pages.judge(&visit.page, &visiting.searches);
    let outcome = if page == page::Verdict::TooLong {
        Outcome::Excluded(Exclusion::PageTooLong)
    } else if !matches!(page, page::Verdict::Included(_)) {
        Outcome::Excluded(Exclusion::PageNotMatched)
    } else if let Some(exclusion) = cannot_be_led(experiment, visit) {
        Outcome::Excluded(exclusion)
    } else {
        visiting.enrol(experiment, bucket)
    };
    Decision { experiment, bucket, outcome, destination: None }
}

/// Why an experiment that leads to other pages is not for this visit, whichever the variant: a rule for some of them
/// only would make the sides of the comparison unlike.
fn cannot_be_led<'d>(
    experiment: &Experiment,
    visit: &Visit<'_>,
) -> Option<Exclusion<'d>> {
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

/// Whether anything may be remembered of the visitor: a program, and a visitor who has not agreed or does not want it, is
/// sent no cookie.
pub fn may_be_remembered(datafile: &Datafile, visit: &Visit<'_>) -> bool {
    datafile.settings().bar(&visit.facts).is_none()
}

/// The variants that the visitor is to keep from now on, if they are not those of the visit's cookie already.
pub fn keep(
    datafile: &Datafile,
    decisions: &[Decision<'_>],
    before: &Sticky,
) -> Option<Sticky> {
    let mut sticky = before.clone();
    sticky.retain(|experiment, variant| {
        let experiment = datafile.experiment(experiment.as_str());
        experiment
            .is_some_and(|one| one.sticky && one.variant(variant.as_str()).is_some())
    });
    for decision in decisions.iter().filter(|decision| decision.experiment.sticky) {
        if let Outcome::Assigned { variant, forced: false, .. } = decision.outcome {
            sticky.keep(&decision.experiment.key, &variant.key);
        }
    }
    (sticky != *before).then_some(sticky)
}

/// The name of the request header that tells the origin which variants it is to render.
pub const ORIGIN_HEADER: &str = "edgewise";

/// The value of [`ORIGIN_HEADER`] for a visit, `key=variant` with commas in between: one for each experiment whose
/// variants the site renders itself. None if there is none.
///
/// ```
/// use edgewise_engine::{Page, Visit, VisitorId, assign, told_to_origin, validate};
/// let draft = r#"{"experiments": [{"key": "home", "name": "Home", "status": "running", "rendering": "origin",
///   "hypothesis": {
///     "we_believe": "another layout", "will_cause": "more sign-ups", "because": "it is shorter"},
///   "pages": {"include": [{"exact": "/"}]}, "variants": [
///     {"key": "control", "name": "As it is", "weight": 0},
///     {"key": "short", "name": "Short", "weight": 10000}]}]}"#;
/// let datafile = validate(draft, 1).0.unwrap();
/// let page = Page::parse("https://example.com/").unwrap();
/// let visit = Visit::to(page);
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
