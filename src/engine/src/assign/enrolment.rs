//! Whether a visitor takes part in an experiment, whatever the page.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;

use super::{Exclusion, Outcome, Visit};
use crate::audience::{Asked, Enrolment, MAX_CHAIN, Verdict};
use crate::datafile::Datafile;
use crate::experiment::{Experiment, Status};
use crate::hash::Bucket;
use crate::key::{ExperimentKey, VisitorId};
use crate::layer::Holdout;
use crate::page::Searches;
use crate::schedule::Phase;
use crate::settings::Barred;

/// One visit on its way through the experiments. What is the same for all of them is found out once, and only if one of
/// them asks.
pub(super) struct Visiting<'d, 'v> {
    datafile: &'d Datafile,
    pub(super) visitor: &'v VisitorId,
    pub(super) visit: &'v Visit<'v>,
    barred: OnceCell<Option<Barred>>,
    held_out: OnceCell<Option<&'d Holdout>>,
    /// What came of the experiments that others ask for; unknown while one is being asked.
    enrolled: RefCell<BTreeMap<ExperimentKey, Enrolment>>,
    depth: Cell<u8>,
    /// What is left to it of the work that comparisons may take.
    pub(super) searches: Searches,
}

impl<'d, 'v> Visiting<'d, 'v> {
    pub(super) fn new(
        datafile: &'d Datafile,
        visitor: &'v VisitorId,
        visit: &'v Visit<'v>,
    ) -> Self {
        Self {
            datafile,
            visitor,
            visit,
            barred: OnceCell::new(),
            held_out: OnceCell::new(),
            enrolled: RefCell::default(),
            depth: Cell::new(0),
            searches: Searches::of_a_visit(),
        }
    }

    /// Which variant the visitor sees, where the experiment runs.
    pub(super) fn enrol(
        &self,
        experiment: &'d Experiment,
        bucket: Bucket,
    ) -> Outcome<'d> {
        let forced = self.visit.forced.variant(&experiment.key);
        if let Some(variant) = forced.and_then(|key| experiment.variant(key.as_str())) {
            // Also before the start and after the end: that is what a QA link is for.
            return Outcome::Assigned { variant, forced: true, kept: false };
        }
        match self.exclude(experiment) {
            Ok(coverage) => self.enrol_at(experiment, bucket, coverage),
            Err(exclusion) => Outcome::Excluded(exclusion),
        }
    }

    /// Why nobody like this visitor takes part; or how far a ramp has come, if there is one.
    fn exclude(&self, experiment: &'d Experiment) -> Result<Option<u16>, Exclusion<'d>> {
        if experiment.status != Status::Running {
            return Err(Exclusion::NotRunning);
        }
        let mut coverage = None;
        if !experiment.schedule.is_open() {
            let now = self.visit.facts.now().ok_or(Exclusion::TimeUnknown)?;
            match experiment.schedule.phase(now) {
                Phase::Running => {}
                Phase::Ramping(so_far) => coverage = Some(so_far),
                Phase::NotStarted(start) => return Err(Exclusion::NotStarted(start)),
                Phase::Ended(end) => return Err(Exclusion::Ended(end)),
            }
        }
        let settings = self.datafile.settings();
        match self.barred.get_or_init(|| settings.bar(&self.visit.facts)) {
            Some(Barred::Bot) => return Err(Exclusion::Bot),
            Some(Barred::OptedOut) => return Err(Exclusion::OptedOut),
            Some(Barred::NoConsent) => return Err(Exclusion::NoConsent),
            None => {}
        }
        let holdout = || settings.holdouts.iter().find(|one| one.has(self.visitor));
        if let Some(holdout) = self.held_out.get_or_init(holdout) {
            return Err(Exclusion::HeldOut(holdout));
        }
        match &experiment.layer {
            Some(layer) if !layer.has(self.visitor) => {
                Err(Exclusion::OtherInLayer(layer))
            }
            _ => Ok(coverage),
        }
    }

    fn enrol_at(
        &self,
        experiment: &'d Experiment,
        bucket: Bucket,
        coverage: Option<u16>,
    ) -> Outcome<'d> {
        let kept = self.visit.sticky.variant(&experiment.key);
        let kept = kept.filter(|_| experiment.sticky);
        let kept = kept.and_then(|key| experiment.variant(key.as_str()));
        match kept {
            // Who has seen it is not given to another variant.
            Some(variant) if variant.stopped => {
                return Outcome::Excluded(Exclusion::VariantStopped(variant));
            }
            Some(variant) => {
                return Outcome::Assigned { variant, forced: false, kept: true };
            }
            None => {}
        }
        if let Some(audience) = &experiment.audience {
            let asked = Asked {
                facts: &self.visit.facts,
                zone: &self.datafile.settings().time_zone,
                enrolled: &|key| self.enrolled(key),
                searches: &self.searches,
            };
            match audience.evaluate(asked) {
                Verdict::Holds => {}
                Verdict::Fails(because) => {
                    return Outcome::Excluded(Exclusion::NotInAudience(because));
                }
                Verdict::Unknown(because) => {
                    return Outcome::Excluded(Exclusion::FactsUnknown(because));
                }
            }
        }
        let variant = match coverage {
            None => experiment.variant_at(bucket),
            Some(coverage) => experiment.variant_at_coverage(bucket, coverage),
        };
        match variant {
            Some(variant) if variant.stopped => {
                Outcome::Excluded(Exclusion::VariantStopped(variant))
            }
            Some(variant) => Outcome::Assigned { variant, forced: false, kept: false },
            None => {
                let coverage = coverage.unwrap_or(experiment.coverage);
                Outcome::Excluded(Exclusion::NotCovered(coverage))
            }
        }
    }

    /// Whether the visitor takes part in another experiment, wherever that runs. Where experiments ask for one another in
    /// a circle, nobody can tell.
    fn enrolled(&self, key: &ExperimentKey) -> Enrolment {
        if let Some(known) = self.enrolled.borrow().get(key) {
            return known.clone();
        }
        let depth = self.depth.get();
        let experiment = self.datafile.experiment(key.as_str());
        let Some(experiment) = experiment.filter(|_| depth < MAX_CHAIN) else {
            return Enrolment::Unknown;
        };
        self.enrolled.borrow_mut().insert(key.clone(), Enrolment::Unknown);
        self.depth.set(depth + 1);
        let bucket = Bucket::by(experiment.hash, &experiment.seed, self.visitor);
        let enrolment = match self.enrol(experiment, bucket) {
            Outcome::Assigned { variant, .. } => Enrolment::In(variant.key.clone()),
            Outcome::Excluded(Exclusion::FactsUnknown(_) | Exclusion::TimeUnknown) => {
                Enrolment::Unknown
            }
            Outcome::Excluded(_) => Enrolment::Out,
        };
        self.depth.set(depth);
        self.enrolled.borrow_mut().insert(key.clone(), enrolment.clone());
        enrolment
    }
}
