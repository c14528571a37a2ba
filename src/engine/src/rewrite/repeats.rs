//! Pages that come again as they were. What became of a page is kept with its bytes; as long as the same bytes come for
//! the same variants, the same goes out, without a look at any tag. At the first byte that is another, the page is
//! rewritten from its beginning like any other, and goes on from where it is.

use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use super::PageHead;
use super::bounds::Bound;
use super::report::{Framework, Tally};
use crate::datafile::Datafile;
use crate::key::{ExperimentKey, VariantKey};
use crate::page::Page;
use crate::plan::Plan;

/// The longest page that is kept, bytes; and the most that may have become of it.
pub(super) const MAX_PAGE: usize = 256 * 1024;

/// How much work may have been in a page that is kept, as `watch` counts it: a few milliseconds, in case that it has to be
/// done again.
pub(super) const MAX_WORK: usize = 512 * 1024;

/// How much all that is kept may take, bytes.
const MAX_KEPT: usize = 2 * 1024 * 1024;

/// How many pages are remembered, with those that are not kept because they change.
pub(super) const MAX_PAGES: usize = 64;

/// The pages that a host has rewritten last. What goes out is the same without them, but takes longer.
#[derive(Debug, Default)]
pub struct Repeats {
    datafile: Weak<Datafile>,
    /// The page at hand, or the last one, is the last.
    pages: VecDeque<(Key, Memory)>,
}

/// By what a page is found again.
#[derive(Debug)]
struct Key {
    page: Page,
    shown: Vec<(ExperimentKey, VariantKey)>,
}

/// What is remembered of a page.
#[derive(Debug)]
pub(super) enum Memory {
    Kept {
        kept: Rc<Kept>,
        /// It has come again at least once.
        came_again: bool,
    },
    /// It never came twice as it was.
    Changes,
}

/// A page, and what became of it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) head: PageHead,
    pub(super) came: Vec<u8>,
    pub(super) went: Vec<u8>,
    pub(super) bounds: Vec<Bound>,
    /// What came behind the last of those went out as it was.
    pub(super) is_raw_at_last: bool,
    pub(super) tallies: Vec<Tally>,
    pub(super) framework: Option<Framework>,
}

impl Key {
    fn size(&self) -> usize {
        self.page.host().len() + self.page.path().len() + self.page.query().len()
    }

    fn is_of(&self, page: &Page, shown: &[(&ExperimentKey, &VariantKey)]) -> bool {
        let own = self.shown.iter().map(|(experiment, variant)| (experiment, variant));
        self.page == *page && own.eq(shown.iter().copied())
    }
}

impl Repeats {
    /// The pages that were made from this datafile; those made from another are forgotten.
    pub fn of(&mut self, datafile: &Rc<Datafile>) -> &mut Self {
        let this = Rc::downgrade(datafile);
        if !this.ptr_eq(&self.datafile) {
            *self = Self { datafile: this, pages: VecDeque::new() };
        }
        self
    }

    /// What is remembered of a page, which becomes the last one.
    pub(super) fn find(
        &mut self,
        page: &Page,
        shown: &[(&ExperimentKey, &VariantKey)],
    ) -> Option<&Memory> {
        let at = self.pages.iter().rposition(|(key, _)| key.is_of(page, shown))?;
        let found = self.pages.remove(at)?;
        self.pages.push_back(found);
        self.pages.back().map(|(_, memory)| memory)
    }

    /// The last page came as it was.
    pub(super) fn note_same(&mut self) {
        if let Some((_, Memory::Kept { came_again, .. })) = self.pages.back_mut() {
            *came_again = true;
        }
    }

    /// Another came in place of the last page. Whether that is to be kept.
    pub(super) fn note_other(&mut self) -> bool {
        let Some((_, memory)) = self.pages.back_mut() else { return false };
        let keeps = matches!(memory, Memory::Kept { came_again: true, .. });
        if !keeps {
            *memory = Memory::Changes;
        }
        keeps
    }

    /// Keeps a page, in place of what was kept of it.
    pub(super) fn keep(&mut self, page: &Page, plan: &Plan<'_>, kept: Kept) {
        let Some(shown) = plan.variants_for_all().filter(|_| kept.is_sound()) else {
            return;
        };
        let known = self.pages.back().is_some_and(|(key, _)| key.is_of(page, &shown));
        let key = match self.pages.pop_back() {
            Some((key, _)) if known => key,
            other => {
                self.pages.extend(other);
                let own = |(one, shown): (&ExperimentKey, &VariantKey)| {
                    (one.clone(), shown.clone())
                };
                let shown = shown.into_iter().map(own).collect();
                Key { page: page.clone(), shown }
            }
        };
        let memory = Memory::Kept { kept: Rc::new(kept), came_again: false };
        self.pages.push_back((key, memory));
        let size = |(key, memory): &(Key, Memory)| {
            key.size()
                + match memory {
                    Memory::Kept { kept, .. } => kept.size(),
                    Memory::Changes => 0,
                }
        };
        let mut kept: usize = self.pages.iter().map(size).sum();
        while kept > MAX_KEPT || self.pages.len() > MAX_PAGES {
            let Some(oldest) = self.pages.pop_front() else { return };
            kept -= size(&oldest);
        }
    }
}

impl Kept {
    fn size(&self) -> usize {
        let bounds = self.bounds.len() * size_of::<Bound>();
        let policies: usize = self.head.policies.iter().map(String::len).sum();
        self.came.len() + self.went.len() + bounds + policies
    }

    /// Whether the bounds are those of the page.
    fn is_sound(&self) -> bool {
        let ends = Bound { read: self.came.len(), settled: self.went.len() };
        let fits = |one: &Bound, next: &Bound| {
            one.read <= next.read && one.settled <= next.settled
        };
        let next = self.bounds.iter().skip(1).chain([&ends]);
        let raw = self.bounds.last().filter(|_| self.is_raw_at_last);
        self.bounds.iter().zip(next).all(|(one, next)| fits(one, next))
            && raw.is_none_or(|last| ends.read - last.read == ends.settled - last.settled)
    }
}
