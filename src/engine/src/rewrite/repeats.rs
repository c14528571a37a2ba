//! Pages that come again as they were. What became of a page is kept with its bytes; as long as the same bytes come for
//! the same variants, the same goes out, without a look at any tag. At the first byte that is another, the page is
//! rewritten from its beginning like any other, and goes on from where it is.

use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use super::PageHead;
use super::again::{Other, Repeating, Same, Stage};
use super::bounds::Bound;
use super::report::{Framework, Tally};
use super::watch::MayGoOn;
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
enum Memory {
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

    /// Starts a page, like [`Rewriter::new`](super::Rewriter::new) and [`Rewriter::watched`](super::Rewriter::watched). The
    /// plan is made from the datafile that was named last.
    ///
    /// ```
    /// # use edgewise_engine::MayGoOn;
    /// # struct Always;
    /// # impl MayGoOn for Always { fn may_go_on(&self) -> bool { true } }
    /// use std::rc::Rc;
    /// use edgewise_engine::{Facts, Page, PageHead, Plan, Repeats, validate};
    /// # let draft = r#"{"experiments": [{
    /// #     "key": "hero", "name": "Hero", "status": "running",
    /// #     "hypothesis": {"we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "people skim it"},
    /// #     "pages": {"include": [{"exact": "/"}]},
    /// #     "variants": [
    /// #         {"key": "control", "name": "Control", "weight": 5000},
    /// #         {"key": "short", "name": "Short", "weight": 5000, "changes": [{"selector": "h1", "text": "Fast"}]}
    /// #     ]}]}"#;
    /// let datafile = Rc::new(validate(draft, 1).0.unwrap());
    /// let hero = datafile.experiment("hero").unwrap();
    /// let plan = Plan::for_variants([(hero, hero.variant("short").unwrap())], &Facts::default());
    /// let address = Page::parse("https://www.example.com/").unwrap();
    /// let mut repeats = Repeats::default();
    /// for _ in 0..2 {
    ///     let mut page = repeats.of(&datafile).begin(&plan, PageHead::default(), &address, &Always);
    ///     let mut out = Vec::new();
    ///     page.write(b"<h1>Welcome</h1>", &mut out);
    ///     assert_eq!(page.end(&mut out).experiments[0].changes[0].applied, 1);
    ///     assert_eq!(out, b"<h1>Fast</h1>");
    /// }
    /// ```
    pub fn begin<'p, 'r>(
        &'r mut self,
        plan: &'p Plan<'p>,
        head: PageHead,
        page: &'r Page,
        may_go_on: &'p dyn MayGoOn,
    ) -> Repeating<'p, 'r> {
        let shown = plan.variants_for_all();
        let found = shown.as_deref().and_then(|shown| self.find(page, shown));
        let same = match found {
            Some(Memory::Kept { kept, .. }) => Some(Same::new(Rc::clone(kept))),
            Some(Memory::Changes) | None => None,
        };
        let is_new = shown.is_some() && found.is_none();
        let other = |keeps| Other::new(plan, &head, keeps).watched(may_go_on);
        let stage = match same {
            Some(same) if same.kept.head == head => Stage::Same(same),
            Some(_) => Stage::Other(other(self.note_other())),
            None => Stage::Other(other(is_new)),
        };
        Repeating { plan, head, may_go_on, page, repeats: self, stage }
    }

    /// What is remembered of a page, which becomes the last one.
    fn find(
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
