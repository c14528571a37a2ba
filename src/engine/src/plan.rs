//! Decisions → what to do to this page, in one list.

use std::borrow::Cow;
use std::ops::Range;

use crate::assign::{Decision, Outcome};
use crate::change::{Action, Change};
use crate::experiment::{Experiment, Variant};
use crate::facts::Facts;

/// One change of a plan.
#[derive(Debug)]
pub(crate) struct Step<'d> {
    /// As people wrote it.
    pub(crate) change: &'d Change,
    /// What it does for this visit.
    pub(crate) action: Cow<'d, Action>,
    /// The variant that the change belongs to.
    pub(crate) owner: &'d Variant,
    /// Only looked for, never applied: what control shows is measured like what the others show.
    pub(crate) probe: bool,
    /// Which of the plan's experiments it serves.
    pub(crate) experiment: usize,
}

/// One experiment of a plan.
#[derive(Debug)]
pub(crate) struct Planned<'d> {
    pub(crate) experiment: &'d Experiment,
    pub(crate) variant: &'d Variant,
    pub(crate) forced: bool,
    pub(crate) steps: Range<usize>,
}

/// All edits for one page. Its order settles conflicts: experiments as in the datafile, changes as in the variant.
#[derive(Debug, Default)]
pub struct Plan<'d> {
    pub(crate) experiments: Vec<Planned<'d>>,
    pub(crate) steps: Vec<Step<'d>>,
}

impl<'d> Plan<'d> {
    /// What the decisions ask for. `facts` is called at most once, and only if the copy of a change has tokens in it.
    pub fn for_decisions(
        decisions: &[Decision<'d>],
        facts: impl FnOnce() -> Facts,
    ) -> Self {
        let mut plan = Self::default();
        for decision in decisions {
            if let Outcome::Assigned { variant, forced } = decision.outcome {
                plan.add(decision.experiment, variant, forced);
            }
        }
        plan.fill(facts)
    }

    /// These variants and nothing else, as a preview shows them, whatever the page and the visitor. `facts` is called
    /// at most once, and only if the copy of a change has tokens in it.
    pub fn for_variants(
        chosen: impl IntoIterator<Item = (&'d Experiment, &'d Variant)>,
        facts: impl FnOnce() -> Facts,
    ) -> Self {
        let mut plan = Self::default();
        for (experiment, variant) in chosen {
            plan.add(experiment, variant, true);
        }
        plan.fill(facts)
    }

    fn add(&mut self, experiment: &'d Experiment, variant: &'d Variant, forced: bool) {
        let start = self.steps.len();
        let index = self.experiments.len();
        // Where a variant leaves the page as it is, the other variants' changes are looked for instead, so that both
        // sides of the comparison are filtered alike.
        let probe = variant.changes.is_empty();
        let owners: Vec<&'d Variant> =
            if probe { experiment.variants.iter().collect() } else { vec![variant] };
        for owner in owners {
            for change in &owner.changes {
                let action = Cow::Borrowed(&change.action);
                self.steps.push(Step { change, action, owner, probe, experiment: index });
            }
        }
        let steps = start..self.steps.len();
        self.experiments.push(Planned { experiment, variant, forced, steps });
    }

    /// Puts what the visit tells in place of the tokens.
    fn fill(mut self, facts: impl FnOnce() -> Facts) -> Self {
        let mut with_tokens =
            self.steps.iter_mut().filter(|step| step.change.has_tokens()).peekable();
        if with_tokens.peek().is_some() {
            let facts = facts();
            with_tokens.for_each(|step| step.action = step.change.action_for(&facts));
        }
        self
    }

    /// Whether the page can go out without being looked at.
    pub fn is_empty(&self) -> bool {
        self.experiments.is_empty()
    }
}
