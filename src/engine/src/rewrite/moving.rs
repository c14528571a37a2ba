//! The parser moves elements, or takes them out of their order.

use super::edits::Place;
use super::report::Skip;
use super::splice::Splice;
use super::state::{Open, Region};
use super::walk::Walk;
use crate::html::{Node, name};
use crate::selector::Frame;

impl Walk<'_> {
    /// An element that is not the innermost is not open any more.
    pub(super) fn drop_element(&mut self, index: usize, splice: &mut Splice) {
        let mut open = self.open.remove(index);
        self.head_is_reopened = false;
        if !open.node.is_html(name::HEAD) {
            // What lies in it and goes on without it has its end elsewhere.
            for inside in &mut self.open[index..] {
                if let Some(region) = &mut inside.region {
                    region.broken = Some(Skip::NotClosed);
                }
            }
        }
        self.end_findings(open.node, splice);
        if let Some(region) = open.region.take() {
            self.regions -= 1;
            self.fail(&region, Skip::NotClosed);
        }
        if open.node.is_html(name::HEAD) {
            self.head = Some(open);
        }
    }

    pub(super) fn fail(&mut self, region: &Region, reason: Skip) {
        let leaving = region.leaving.as_ref().and_then(|leaving| leaving.hold);
        for hold in [region.hold, leaving].into_iter().flatten() {
            self.output.release(hold);
        }
        for writing in &region.writings {
            match (writing.place, writing.moved) {
                (_, Some(step)) => self.fail_move(step, reason),
                (Place::Moved, None) => self.fail_move(writing.steps[0], reason),
                _ => {
                    for step in &writing.steps {
                        self.counts.skip(*step, reason);
                    }
                }
            }
        }
    }

    /// The parser moved elements.
    pub(super) fn rearrange(&mut self, from: usize, nodes: &[Node]) {
        let touched = self.open[from..].iter().fold(0, |all, open| all | open.touched);
        self.steps.doubt_touched(touched, &mut self.counts);
        self.steps.doubt_complex(&mut self.counts);
        self.steps.doubt_copies(&mut self.counts);
        let mut old = self.open.split_off(from);
        for node in nodes {
            let known = old.iter().position(|open| open.node.id == node.id);
            let mut open = known.map_or_else(
                || Open {
                    node: *node,
                    name: None,
                    frame: Frame::default(),
                    region: None,
                    apart: false,
                    moved: true,
                    children_moved: true,
                    touched: 0,
                },
                |at| old.swap_remove(at),
            );
            open.moved = true;
            open.children_moved = true;
            if let Some(region) = &mut open.region {
                region.broken = Some(Skip::Rearranged);
            }
            self.open.push(open);
        }
        for open in old {
            if let Some(region) = open.region {
                self.regions -= 1;
                self.fail(&region, Skip::Rearranged);
            }
        }
        if let Some(parent) = from.checked_sub(1) {
            self.open[parent].children_moved = true;
        }
    }

    /// A comment behind the body's end tag is put outside of all that is open, and may not go with any of it.
    pub(super) fn leave_comment(&mut self) {
        if !self.parser.tree.is_after_body() {
            return;
        }
        for open in &mut self.open {
            if let Some(region) =
                open.region.as_mut().filter(|region| region.start.is_some())
            {
                region.broken = Some(Skip::NotClosed);
            }
        }
    }

    /// Something was put in front of a table, among the children of that element.
    pub(super) fn foster(&mut self, parent: usize) {
        self.steps.doubt_siblings(&mut self.counts);
        // What was written in front of the table is not right in front of it any more.
        let touched = self.open[parent..].iter().fold(0, |all, open| all | open.touched);
        self.steps.doubt_touched(touched, &mut self.counts);
        self.open[parent].children_moved = true;
        for finding in &self.findings {
            if self.open[parent + 1..].iter().any(|open| open.node.id == finding.id) {
                self.counts.doubt(finding.step);
            }
        }
        for open in &mut self.open[parent + 1..] {
            if let Some(region) = &mut open.region {
                region.broken = Some(Skip::Rearranged);
            }
        }
    }
}
