//! The plan's steps while the page passes: their selectors, which of them still look for elements, and which cannot be
//! sure of what they found because the parser moved elements about.

use super::report::Skip;
use super::state::Counts;
use crate::change::{Action, Expect};
use crate::plan::Plan;
use crate::selector::{ElementView, Frame, Matcher};

/// See the module.
pub(super) struct Steps<'p> {
    plan: &'p Plan<'p>,
    matcher: Matcher,
    /// The step of each of the matcher's selectors.
    step_of: Vec<usize>,
    done: Vec<bool>,
    looking: usize,
    /// Steps that matched an element of which the parser may make copies.
    formatting: Vec<bool>,
    quirks: bool,
}

impl<'p> Steps<'p> {
    pub(super) fn new(plan: &'p Plan<'p>) -> Self {
        let selectors = || {
            plan.steps
                .iter()
                .enumerate()
                .filter_map(|(index, step)| Some((index, step.change.selector.as_ref()?)))
        };
        let step_of: Vec<_> = selectors().map(|(index, _)| index).collect();
        let mut done = vec![true; plan.steps.len()];
        for &step in &step_of {
            done[step] = false;
        }
        Self {
            plan,
            matcher: Matcher::new(selectors().map(|(_, selector)| selector)),
            looking: step_of.len(),
            step_of,
            done,
            formatting: vec![false; plan.steps.len()],
            quirks: false,
        }
    }

    /// Whether none looks for elements any more.
    pub(super) fn all_done(&self) -> bool {
        self.looking == 0
    }

    /// Classes and ids are compared as in pages for browsers of old.
    pub(super) fn set_quirks(&mut self) {
        if !self.quirks {
            self.quirks = true;
            self.matcher.set_quirks();
        }
    }

    /// Enters an element; adds the numbers of the selectors that match it.
    pub(super) fn enter(
        &self,
        parent: &mut Frame,
        element: &impl ElementView,
        matched: &mut Vec<usize>,
    ) -> Frame {
        self.matcher.enter(parent, element, matched)
    }

    /// Turns the numbers of selectors into the steps to be taken, without those that cannot be.
    pub(super) fn choose(
        &mut self,
        matched: &mut Vec<usize>,
        moved: bool,
        siblings_moved: bool,
        no_tag: bool,
        is_copy: bool,
        counts: &mut Counts,
    ) {
        matched.retain_mut(|selector| {
            let number = *selector;
            let step = self.step_of[number];
            *selector = step;
            if self.done[step] {
                return false;
            }
            let unsure = no_tag
                || (moved && self.matcher.depends_on_others(number))
                || (siblings_moved && self.matcher.depends_on_siblings(number));
            // What was done to the tag was copied with it.
            if is_copy && self.formatting[step] && self.is_in_tag(step) {
                counts.matched(step);
                counts.applied(step);
                return false;
            }
            if unsure {
                counts.matched(step);
                counts.skip(step, Skip::Rearranged);
            }
            if self.plan.steps[step].change.expect == Expect::One {
                self.done[step] = true;
                self.looking -= 1;
            }
            !unsure
        });
    }

    /// These steps matched an element of which the parser may make copies.
    pub(super) fn note_formatting(&mut self, steps: &[usize]) {
        for &step in steps {
            self.formatting[step] = true;
        }
    }

    /// Whether the step changes nothing but an element's tag.
    fn is_in_tag(&self, step: usize) -> bool {
        matches!(
            self.plan.steps[step].change.action,
            Action::Attribute(_) | Action::Class(_) | Action::Style(_) | Action::Hide(_)
        )
    }

    fn doubt(&self, counts: &mut Counts, is: impl Fn(&Self, usize) -> bool) {
        for number in 0..self.step_of.len() {
            if is(self, number) {
                counts.doubt(self.step_of[number]);
            }
        }
    }

    /// An element was copied: what was done around or in it was not.
    pub(super) fn doubt_copies(&self, counts: &mut Counts) {
        self.doubt(counts, |steps, number| {
            let step = steps.step_of[number];
            let in_tag = steps.is_in_tag(step);
            steps.formatting[step] && (!in_tag || steps.matcher.depends_on_others(number))
        });
    }

    /// Elements have other ancestors now.
    pub(super) fn doubt_complex(&self, counts: &mut Counts) {
        self.doubt(counts, |steps, number| steps.matcher.depends_on_others(number));
    }

    /// Elements were moved in or around which these steps, as bits by the number modulo 64, wrote something.
    pub(super) fn doubt_touched(&self, touched: u64, counts: &mut Counts) {
        self.doubt(counts, |steps, number| {
            touched >> (steps.step_of[number] % 64) & 1 == 1
        });
    }

    /// Elements have other siblings now.
    pub(super) fn doubt_siblings(&self, counts: &mut Counts) {
        self.doubt(counts, |steps, number| steps.matcher.depends_on_siblings(number));
    }

    /// Anything may have changed.
    pub(super) fn doubt_all(&self, counts: &mut Counts) {
        self.doubt(counts, |_, _| true);
    }
}
