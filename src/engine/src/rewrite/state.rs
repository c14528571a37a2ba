//! What is known while a page passes: the elements that wait for their end, and the counts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::nesting::{OpenElement, closed_by, has_optional_end};
use super::output::{MAX_HELD, Output};
use super::report::{Counts, Skip};

/// The deepest nesting that is followed inside an element that waits for its end.
const MAX_DEPTH: usize = 4096;

/// The output, shared with the callbacks that mark where an element's bytes begin. They must be `Send`, hence the lock;
/// it is never contended.
#[derive(Clone, Default)]
pub(super) struct SharedOutput(Arc<Mutex<Output>>);

impl SharedOutput {
    pub(super) fn lock(&self) -> MutexGuard<'_, Output> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How an element came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// By its own end tag.
    OwnTag,
    /// By another tag, which closes it where its own was left out.
    OtherTag,
    /// By the end of the page.
    Page,
}

/// An element whose end a change waits for.
pub(super) struct Region {
    /// Steps that count as applied when the end is found.
    pub(super) waiting: Vec<usize>,
    /// HTML to go in front of the end tag.
    pub(super) append: String,
    /// HTML to go behind it.
    pub(super) after: String,
    /// Whether the output holds the element's content back.
    pub(super) held: bool,
    /// Whether the end tag goes too.
    pub(super) remove: bool,
    /// Whether a step, if only a probe, is about the whole content.
    pub(super) replaces: bool,
    /// Steps applied inside content that is about to be replaced or removed.
    pub(super) inside: Vec<usize>,
    /// Where it begins in the output.
    pub(super) position: u64,
}

/// One open element, from the first that waits for its end inwards.
pub(super) struct Open {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) html: bool,
    pub(super) region: Option<Region>,
}

impl OpenElement for Open {
    fn name(&self) -> &str {
        &self.name
    }
    fn html(&self) -> bool {
        self.html
    }
}

/// What has to be written where elements close.
#[derive(Default)]
pub(super) struct Closing {
    /// In front of the tag that closes them.
    pub(super) before: String,
    /// Behind it, if it is the element's own.
    pub(super) after: String,
    /// Whether that tag itself is dropped.
    pub(super) swallow: bool,
}

/// See the module.
#[derive(Default)]
pub(super) struct State {
    /// Steps whose selector matched the element at hand; each selector's handler adds its own.
    pub(super) matched: Vec<usize>,
    pub(super) counts: Vec<Counts>,
    /// The style element that waits for its place.
    pub(super) css: Option<String>,
    /// Its steps.
    pub(super) css_steps: Vec<usize>,
    open: Vec<Open>,
    next_id: u32,
    pub(super) output: SharedOutput,
}

impl State {
    /// For a plan of that many steps.
    pub(super) fn new(steps: usize, output: SharedOutput) -> Self {
        Self { counts: vec![Counts::default(); steps], output, ..Self::default() }
    }

    /// Whether an element waits for its end.
    pub(super) fn is_waiting(&self) -> bool {
        !self.open.is_empty()
    }

    /// Adds an open element; the id tells its end tag handler which it is.
    pub(super) fn push(
        &mut self,
        name: String,
        html: bool,
        region: Option<Region>,
    ) -> Option<u32> {
        if self.open.len() >= MAX_DEPTH {
            self.give_up();
            return None;
        }
        let id = self.next_id();
        self.open.push(Open { id, name, html, region });
        Some(id)
    }

    /// The id that `push` gives next.
    pub(super) fn peek_id(&self) -> u32 {
        self.next_id
    }

    fn next_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Counts a step as applied, unless what it was applied to is about to go.
    pub(super) fn applied(&mut self, step: usize) {
        let around = self.open.iter_mut().rev().filter_map(|open| open.region.as_mut());
        match around.into_iter().find(|region| region.held) {
            Some(region) => region.inside.push(step),
            None => self.counts[step].applied += 1,
        }
    }

    /// Closes what a start tag closes; returns what is to be written in front of it.
    pub(super) fn close_for_start_tag(&mut self, name: &str) -> String {
        match closed_by(&self.open, name) {
            Some(index) => self.close_from(index, End::OtherTag).before,
            None => String::new(),
        }
    }

    /// Closes an element at an end tag, with all inside it; nothing if it is closed already.
    pub(super) fn close_for_end_tag(&mut self, id: u32, own: bool) -> Closing {
        match self.open.iter().rposition(|open| open.id == id) {
            Some(index) => {
                self.close_from(index, if own { End::OwnTag } else { End::OtherTag })
            }
            None => Closing::default(),
        }
    }

    /// Closes all at the end of the page; returns what is to be written there.
    pub(super) fn close_at_end(&mut self) -> String {
        for step in self
            .css
            .take()
            .map(|_| std::mem::take(&mut self.css_steps))
            .unwrap_or_default()
        {
            self.counts[step].skip(Skip::NoPlace);
        }
        self.close_from(0, End::Page).before
    }

    fn close_from(&mut self, index: usize, end: End) -> Closing {
        let mut closing = Closing::default();
        while self.open.len() > index {
            let Some(Open { id, name, html, region }) = self.open.pop() else { break };
            let Some(region) = region else { continue };
            let own = end == End::OwnTag && self.open.len() == index;
            let sure = own || end == End::Page || (html && has_optional_end(&name));
            self.settle(id, region, own, sure, &mut closing);
        }
        closing
    }

    fn settle(
        &mut self,
        id: u32,
        region: Region,
        own: bool,
        sure: bool,
        closing: &mut Closing,
    ) {
        let failure = if !sure {
            if region.held {
                self.output.lock().release(id);
            }
            Some(Skip::NotClosed)
        } else if region.held {
            (!self.output.lock().commit(id)).then_some(Skip::TooLong)
        } else {
            let length = self.output.lock().position() - region.position;
            (region.replaces && length > MAX_HELD as u64).then_some(Skip::TooLong)
        };
        match failure {
            Some(reason) => {
                for step in region.waiting {
                    self.counts[step].skip(reason);
                }
                for step in region.inside {
                    self.applied(step);
                }
            }
            None => {
                if region.held {
                    // What was to be written for elements inside has gone with them.
                    closing.before.clear();
                }
                for step in region.inside {
                    self.counts[step].skip(Skip::Removed);
                }
                for step in region.waiting {
                    self.applied(step);
                }
                closing.before.push_str(&region.append);
                if own {
                    closing.after = region.after;
                    closing.swallow = region.remove;
                } else {
                    closing.before.push_str(&region.after);
                }
            }
        }
    }

    /// Lets everything go as it is.
    pub(super) fn give_up(&mut self) {
        self.output.lock().release_all();
        for open in std::mem::take(&mut self.open) {
            let Some(region) = open.region else { continue };
            for step in region.waiting {
                self.counts[step].skip(Skip::TooLong);
            }
            for step in region.inside {
                self.counts[step].applied += 1;
            }
        }
    }

    /// The style element found its place.
    pub(super) fn place_css(&mut self) -> Option<String> {
        let css = self.css.take()?;
        for step in std::mem::take(&mut self.css_steps) {
            self.counts[step].applied += 1;
        }
        Some(css)
    }
}
