//! What is known while a page passes: the elements that wait for their end, and the counts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ending::{Start, end_tag_closes, start_tag_closes};
use super::nesting::{OpenElement, has_optional_end};
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
    /// Somewhere, but where is not sure.
    Lost,
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
    /// End tags that were left out; written only if something is to stand behind them.
    unwritten: String,
}

impl Closing {
    fn write_behind(&mut self, html: &str) {
        if !html.is_empty() {
            self.before.push_str(&std::mem::take(&mut self.unwritten));
            self.before.push_str(html);
        }
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct State {
    /// Steps whose selector matched the element at hand; each selector's handler adds its own.
    pub(super) matched: Vec<usize>,
    /// Where the element that was last dealt with begins in the page: several selectors may lead to one element.
    pub(super) dealt_with: Option<usize>,
    pub(super) counts: Vec<Counts>,
    /// The style element that waits for its place.
    pub(super) css: Option<String>,
    /// Its steps.
    pub(super) css_steps: Vec<usize>,
    /// How many templates are open around the place that the style element waits for.
    pub(super) templates: u32,
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

    /// Adds an open element; the id tells its end tag handler which it is. Where too many are open, all of them stay as
    /// they are.
    pub(super) fn push(
        &mut self,
        name: String,
        html: bool,
        region: Option<Region>,
    ) -> Option<u32> {
        if self.open.len() >= MAX_DEPTH {
            self.open.push(Open { id: self.next_id, name, html, region });
            self.give_up();
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.open.push(Open { id, name, html, region });
        Some(id)
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
        match start_tag_closes(&self.open, name) {
            Start::Nothing => String::new(),
            Start::Closes(index) => self.close_from(index, End::OtherTag).before,
            Start::Unsure(index) => self.close_from(index, End::Lost).before,
        }
    }

    /// Closes what an end tag closes, of which `id` is one; nothing if it is closed already.
    pub(super) fn close_for_end_tag(&mut self, id: u32, name: &str) -> Closing {
        let Some(index) = self.open.iter().rposition(|open| open.id == id) else {
            return Closing::default();
        };
        // The parser closes the innermost element of that name with all inside it, and calls for each of them.
        let own = self.open[..=index].iter().rposition(|open| open.name == name);
        if !end_tag_closes(&self.open, own, name) {
            return self.close_from(0, End::Lost);
        }
        match own {
            Some(own) => self.close_from(own, End::OwnTag),
            None => self.close_from(0, End::OtherTag),
        }
    }

    /// Closes all at the end of the page; returns what is to be written there.
    pub(super) fn close_at_end(&mut self) -> String {
        self.give_up_css();
        self.close_from(0, End::Page).before
    }

    /// The style element found no place.
    pub(super) fn give_up_css(&mut self) {
        self.css = None;
        for step in std::mem::take(&mut self.css_steps) {
            self.counts[step].skip(Skip::NoPlace);
        }
    }

    fn close_from(&mut self, index: usize, end: End) -> Closing {
        let mut closing = Closing::default();
        while self.open.len() > index {
            let Some(Open { id, name, html, region }) = self.open.pop() else { break };
            let own = end == End::OwnTag && self.open.len() == index;
            let sure = match end {
                End::OwnTag | End::OtherTag => own || (html && has_optional_end(&name)),
                End::Page => true,
                End::Lost => false,
            };
            let tag = if own { String::new() } else { format!("</{name}>") };
            match region {
                Some(region) => self.settle(id, region, &tag, sure, &mut closing),
                None => closing.unwritten.push_str(&tag),
            }
        }
        closing
    }

    /// Does what was to be done at an element's end, or lets it be. `tag` is the end tag if it was left out.
    fn settle(
        &mut self,
        id: u32,
        region: Region,
        tag: &str,
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
        if let Some(reason) = failure {
            for step in region.waiting {
                self.counts[step].skip(reason);
            }
            for step in region.inside {
                self.applied(step);
            }
            closing.unwritten.push_str(tag);
            return;
        }
        for step in region.inside {
            self.counts[step].skip(Skip::Removed);
        }
        for step in region.waiting {
            self.applied(step);
        }
        if region.held {
            // What was to be written for elements inside has gone with them.
            closing.before.clear();
            closing.unwritten.clear();
        }
        closing.write_behind(&region.append);
        if tag.is_empty() {
            closing.after = region.after;
            closing.swallow = region.remove;
        } else {
            if !region.remove {
                closing.unwritten.push_str(tag);
            }
            closing.write_behind(&region.after);
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
