//! What passes without a look, because no change can be about it.

use super::bounds::Run;
use super::hydration::may_be_mark;
use super::state::Open;
use super::walk::Walk;
use crate::html::name::{self, Tag};
use crate::html::{Bystander, Node, Skimmed};
use crate::selector::{Frame, Matcher};

/// Follows the elements that pass.
struct Passing<'w> {
    matcher: &'w Matcher,
    open: &'w mut Vec<Open>,
    /// Marks of a framework are looked for.
    looks: bool,
    /// Notes where the page may be cut.
    run: Option<Run<'w>>,
}

impl Bystander for Passing<'_> {
    fn wants_element(&self, tag: Tag) -> bool {
        self.matcher.names_element(tag)
    }

    fn wants_attribute(&self, name: &[u8], value: &[u8]) -> bool {
        self.looks && may_be_mark(name, value)
            || self.matcher.names_attribute(name, value)
    }

    fn begin(&mut self, node: Node) {
        let parent = self.open.last_mut();
        let frame =
            parent.map_or_else(Frame::default, |open| self.matcher.pass(&mut open.frame));
        self.open.push(Open {
            node,
            name: None,
            frame,
            region: None,
            apart: false,
            moved: false,
            children_moved: false,
            touched: 0,
        });
    }

    fn may_end(&self) -> bool {
        self.open.last().is_some_and(|open| open.region.is_none())
    }

    fn end(&mut self) {
        let touched = self.open.pop().map_or(0, |open| open.touched);
        if let Some(parent) = self.open.last_mut() {
            parent.touched |= touched;
        }
    }

    fn reach(&mut self, at: usize) {
        if let Some(run) = &mut self.run {
            run.note(at);
        }
    }
}

impl Walk<'_> {
    /// Passes what no change can be about behind `at` of the bytes at hand; how many bytes that was, and about how much
    /// work. None if the next token is worth a look.
    pub(super) fn skim(&mut self, all: &[u8], at: usize) -> Option<(usize, usize)> {
        if !self.is_calm() {
            return None;
        }
        let matcher = self.steps.passing()?;
        let looks = self.hydration.is_looking() && !self.steps.all_done();
        let bounds = self.bounds.as_mut();
        let run = bounds.map(|bounds| bounds.run(at, self.copied, &self.output));
        let mut passing = Passing { matcher, open: &mut self.open, looks, run };
        let Skimmed { bytes, tokens, starts } =
            self.parser.skim(&all[at..], &mut passing);
        if looks {
            self.hydration.pass(starts);
        }
        (bytes > 0).then(|| (bytes, bytes / 4 + tokens * self.work_of(0)))
    }

    /// Whether nothing is under way that ordinary tags or text have a part in.
    fn is_calm(&self) -> bool {
        let around = |open: &Open| !open.apart && !open.node.is_html(name::TEMPLATE);
        !self.rules.is_thorough
            && self.head.is_some()
            && self.deferred.is_empty()
            && self.findings.is_empty()
            && self.flow.is_none()
            && self.pictures.is_empty()
            && self.ended_body.is_empty()
            && self.open.last().is_some_and(around)
    }
}
