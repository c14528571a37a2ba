//! The style sheets of a page's changes, in one element.

use super::charset::{Charset, ascii_css};
use super::csp::{self, ElementRule};
use super::element::style_element;
use super::report::Skip;
use super::state::Counts;
use crate::change::Action;
use crate::plan::Plan;

/// The style element that waits for its place, and its steps.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    waiting: Option<(Vec<u8>, Vec<usize>)>,
}

impl Sheet {
    /// Puts the style sheets of all steps together. `skipped` are those that the page's policy does not allow.
    pub(super) fn of(
        plan: &Plan<'_>,
        policies: &[String],
        charset: Charset,
    ) -> (Self, Vec<usize>) {
        let allowed = csp::style_element(policies);
        let (mut sheets, mut steps, mut skipped) =
            (String::new(), Vec::new(), Vec::new());
        for (index, step) in plan.steps.iter().enumerate() {
            let Action::Css(css) = &*step.action else { continue };
            if allowed == ElementRule::Blocked {
                skipped.push(index);
                continue;
            }
            steps.push(index);
            if !step.probe {
                sheets.push_str(css);
                sheets.push('\n');
            }
        }
        if steps.is_empty() {
            return (Self::default(), skipped);
        }
        let sheets = sheets.trim_end();
        // What another encoding lacks would be written as a reference, which CSS does not know.
        let sheets =
            if charset.is_utf8() { sheets.to_owned() } else { ascii_css(sheets) };
        let nonce = match &allowed {
            ElementRule::WithNonce(nonce) => Some(nonce.as_str()),
            _ => None,
        };
        // Probes alone wait for the place too, but write nothing there.
        let html =
            if sheets.is_empty() { String::new() } else { style_element(&sheets, nonce) };
        (Self { waiting: Some((html.into_bytes(), steps)) }, skipped)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    pub(super) fn steps(&self) -> Vec<usize> {
        self.waiting.iter().flat_map(|(_, steps)| steps.iter().copied()).collect()
    }

    /// The place is found.
    pub(super) fn take(&mut self) -> Option<(Vec<u8>, Vec<usize>)> {
        self.waiting.take()
    }

    /// There is none.
    pub(super) fn give_up(&mut self, counts: &mut Counts) {
        for step in self.waiting.take().into_iter().flat_map(|(_, steps)| steps) {
            counts.skip(step, Skip::NoPlace);
        }
    }
}
