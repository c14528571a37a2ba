//! What is counted while a page passes, and the elements that wait for their end.

use super::edits::Writing;
use super::output::Hold;
use super::report::{Grade, Skip, Tally};
use crate::html::{Node, Tree};
use crate::selector::Frame;

/// The counts of all steps.
#[derive(Debug)]
pub(super) struct Counts {
    tallies: Vec<Tally>,
    /// The steps that were applied, in order, as long as something may yet be taken back.
    journal: Vec<usize>,
}

impl Counts {
    pub(super) fn new(steps: usize) -> Self {
        Self { tallies: vec![Tally::default(); steps], journal: Vec::new() }
    }

    pub(super) fn matched(&mut self, step: usize) {
        self.tallies[step].matched += 1;
    }

    pub(super) fn applied(&mut self, step: usize) {
        self.tallies[step].applied += 1;
        self.journal.push(step);
    }

    /// Applied to what was that way already.
    pub(super) fn no_effect(&mut self, step: usize) {
        self.applied(step);
        self.tallies[step].no_effect += 1;
    }

    /// What was taken for that way already was not.
    pub(super) fn had_effect(&mut self, step: usize) {
        self.tallies[step].no_effect -= 1;
    }

    /// Applied along with an element around.
    pub(super) fn applied_inside(&mut self, step: usize) {
        self.applied(step);
    }

    pub(super) fn held(&mut self, step: usize, bytes: u64) {
        let held = &mut self.tallies[step].held;
        *held = (*held).max(bytes);
    }

    pub(super) fn skip(&mut self, step: usize, reason: Skip) {
        self.tallies[step].skip(reason);
    }

    /// How what is done to an element stays on the page.
    pub(super) fn graded(&mut self, step: usize, grade: Grade) {
        let worst = &mut self.tallies[step].grade;
        *worst = (*worst).max(Some(grade));
    }

    /// What browsers make of the page is not what was known when the step was taken, or not.
    pub(super) fn doubt(&mut self, step: usize) {
        self.tallies[step].in_doubt = true;
    }

    /// A place in the order of what is applied.
    pub(super) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Nothing of what was applied by now is ever taken back.
    pub(super) fn forget(&mut self) {
        self.journal.clear();
    }

    /// Takes back what was applied since; the steps, each as often as it was.
    pub(super) fn take_back(&mut self, mark: usize) -> Vec<usize> {
        let steps = self.journal.split_off(mark.min(self.journal.len()));
        for &step in &steps {
            self.tallies[step].applied -= 1;
        }
        steps
    }

    pub(super) fn all(&self) -> &[Tally] {
        &self.tallies
    }
}

/// An element whose end a change waits for.
#[derive(Debug, Default)]
pub(super) struct Region {
    /// What is to be written at its end.
    pub(super) writings: Vec<Writing>,
    /// The parser's state where the element, or its content, begins; for what is replaced.
    pub(super) start: Option<Box<Tree>>,
    /// For an element that is replaced: tags that have to be written in its place if they turn out to be needed, and the
    /// state without them.
    pub(super) closers: Vec<u8>,
    pub(super) bare: Option<Box<Tree>>,
    /// What is known of an element that goes elsewhere.
    pub(super) leaving: Option<Box<Leaving>>,
    /// From where the output is held.
    pub(super) hold: Option<Hold>,
    /// Where the element or its content begins in the order of what is applied.
    pub(super) mark: usize,
    /// Why nothing can be done at its end.
    pub(super) broken: Option<Skip>,
    /// Where it begins in the output.
    pub(super) position: u64,
}

/// An element that goes elsewhere, from its beginning.
#[derive(Debug)]
pub(super) struct Leaving {
    /// The parser's state in front of it.
    pub(super) tree: Tree,
    /// The same without the tags that may have to be written in its place, and those.
    pub(super) bare: Option<Tree>,
    pub(super) closers: Vec<u8>,
    /// From where the output is held.
    pub(super) hold: Option<Hold>,
}

/// One open element.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) node: Node,
    /// Its name, where that cannot be read from the number.
    pub(super) name: Option<Box<str>>,
    pub(super) frame: Frame,
    pub(super) region: Option<Box<Region>>,
    /// It is in no document: the content of a template, or a shadow tree.
    pub(super) apart: bool,
    /// The parser moved it, so that its ancestors are not what they were when it began.
    pub(super) moved: bool,
    /// The parser put something between its children.
    pub(super) children_moved: bool,
    /// Steps that wrote something in or around it, as bits by their numbers modulo 64.
    pub(super) touched: u64,
}
