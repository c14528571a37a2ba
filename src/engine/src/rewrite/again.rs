//! A page that may have come before: as long as it is the one that is kept, what became of that goes out.

use std::rc::Rc;

use super::bounds::Bound;
use super::repeats::{Kept, MAX_PAGE, MAX_WORK, Memory, Repeats};
use super::report::{Passed, Report};
use super::watch::MayGoOn;
use super::{Ended, PageHead, Rewriter, report_of};
use crate::page::Page;
use crate::plan::Plan;

impl Repeats {
    /// Starts a page, like [`Rewriter::new`] and [`Rewriter::watched`]. The
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
}

/// Applies a plan to a page that may have come before. Its methods are those of [`Rewriter`], and so is all that goes out;
/// only when it goes out may differ by the length of a paragraph.
pub struct Repeating<'p, 'r> {
    plan: &'p Plan<'p>,
    head: PageHead,
    may_go_on: &'p dyn MayGoOn,
    page: &'r Page,
    repeats: &'r mut Repeats,
    stage: Stage<'p>,
}

enum Stage<'p> {
    /// The page is the one that is kept, so far.
    Same(Same),
    Other(Other<'p>),
}

/// A page that is the one that is kept, so far.
struct Same {
    kept: Rc<Kept>,
    read: usize,
    gone: usize,
    /// How many of its bounds are behind.
    passed: usize,
}

impl Same {
    fn new(kept: Rc<Kept>) -> Self {
        Self { kept, read: 0, gone: 0, passed: 0 }
    }

    /// Takes the next bytes, if they are the same.
    fn take(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> bool {
        let Kept { came, went, bounds, is_raw_at_last, .. } = &*self.kept;
        let end = self.read + chunk.len();
        if came.get(self.read..end) != Some(chunk) {
            return false;
        }
        self.read = end;
        let behind = |bound: &&Bound| bound.read <= end;
        self.passed += bounds[self.passed..].iter().take_while(behind).count();
        if let Some(at) = self.passed.checked_sub(1) {
            let Bound { read, settled } = bounds[at];
            let raw = if *is_raw_at_last && self.passed == bounds.len() {
                end - read
            } else {
                0
            };
            out.extend_from_slice(&went[self.gone..settled + raw]);
            self.gone = settled + raw;
        }
        true
    }

    /// What came goes through the rewriter after all; what has gone does not go again. Nobody is asked meanwhile: giving up
    /// would make another page of what has gone. It took little the first time.
    fn part<'p>(&self, mut other: Other<'p>, out: &mut Vec<u8>) -> Other<'p> {
        other.ledger.gone = self.gone;
        other.write(&self.kept.came[..self.read], out);
        other
    }
}

/// A page that is rewritten.
struct Other<'p> {
    rewriter: Rewriter<'p>,
    ledger: Ledger,
}

impl<'p> Other<'p> {
    /// Nobody is asked yet whether to go on.
    fn new(plan: &'p Plan<'p>, head: &PageHead, keeps: bool) -> Self {
        let mut rewriter = Rewriter::new(plan, head.clone());
        if keeps {
            rewriter = rewriter.noting_bounds();
        }
        let record = keeps.then(Record::new);
        Self { rewriter, ledger: Ledger { record, gone: 0 } }
    }

    fn watched(mut self, may_go_on: &'p dyn MayGoOn) -> Self {
        self.rewriter.watch_from_here(may_go_on);
        self
    }

    fn write(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        self.rewriter.write(chunk, out);
        self.ledger.note(chunk, start, out);
    }

    fn stop(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        self.rewriter.stop(out);
        self.ledger.note(&[], start, out);
        self.ledger.record = None;
    }

    /// What is known at the end; and what came and what went, if the page is to be kept.
    fn end(self, out: &mut Vec<u8>) -> (Ended, Option<Record>) {
        let Self { rewriter, mut ledger } = self;
        let start = out.len();
        let ended = rewriter.finish(out);
        ledger.note(&[], start, out);
        let is_cheap = ended.work <= MAX_WORK && ended.passed.is_none();
        let record = ledger.record.filter(|_| is_cheap);
        (ended, record)
    }
}

/// What comes and goes while a page is rewritten.
struct Ledger {
    /// For a page that is to be kept.
    record: Option<Record>,
    /// How many of the next bytes that go out have gone already.
    gone: usize,
}

struct Record {
    came: Vec<u8>,
    went: Vec<u8>,
}

impl Record {
    /// With room for an ordinary page: memory that grows is written more than once.
    fn new() -> Self {
        let room = || Vec::with_capacity(MAX_PAGE / 4);
        Self { came: room(), went: room() }
    }
}

impl Ledger {
    /// Takes down what came, and what is in `out` since; takes what has gone already out again.
    fn note(&mut self, chunk: &[u8], start: usize, out: &mut Vec<u8>) {
        if let Some(Record { came, went }) = &mut self.record {
            came.extend_from_slice(chunk);
            went.extend_from_slice(&out[start..]);
            if came.len().max(went.len()) > MAX_PAGE {
                self.record = None;
            }
        }
        if self.gone > 0 {
            let again = self.gone.min(out.len() - start);
            out.drain(start..start + again);
            self.gone -= again;
        }
    }
}

impl<'p> Repeating<'p, '_> {
    /// Takes the next bytes of the page and adds to `out` what may go on.
    pub fn write(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        if let Stage::Same(same) = &mut self.stage {
            if same.take(chunk, out) {
                return;
            }
            let keeps = self.repeats.note_other();
            self.part(keeps, out);
        }
        if let Stage::Other(other) = &mut self.stage {
            other.write(chunk, out);
        }
    }

    /// Gives the page up: what is held back goes on as it was, and so does all that is still to come.
    pub fn stop(&mut self, out: &mut Vec<u8>) {
        self.part(false, out);
        if let Stage::Other(other) = &mut self.stage {
            other.stop(out);
        }
    }

    /// Ends the page: adds the rest to `out` and tells what was done.
    pub fn end(self, out: &mut Vec<u8>) -> Report<'p> {
        let other = match self.stage {
            Stage::Same(Same { kept, read, gone, .. }) if read == kept.came.len() => {
                out.extend_from_slice(&kept.went[gone..]);
                self.repeats.note_same();
                return report_of(self.plan, &kept.tallies, None, kept.framework);
            }
            Stage::Same(same) => {
                let keeps = self.repeats.note_other();
                same.part(Other::new(self.plan, &self.head, keeps), out)
            }
            Stage::Other(other) => other,
        };
        let (ended, record) = other.end(out);
        let report = ended.report(self.plan);
        if let Some(Record { mut came, mut went }) = record {
            came.shrink_to_fit();
            went.shrink_to_fit();
            let Ended { tallies, framework, bounds, is_raw_at_last, .. } = ended;
            let head = self.head;
            let kept =
                Kept { head, came, went, bounds, is_raw_at_last, tallies, framework };
            self.repeats.keep(self.page, self.plan, kept);
        }
        report
    }

    /// From here on the page is rewritten.
    fn part(&mut self, keeps: bool, out: &mut Vec<u8>) {
        if let Stage::Same(same) = &self.stage {
            let other = same.part(Other::new(self.plan, &self.head, keeps), out);
            self.stage = Stage::Other(other.watched(self.may_go_on));
        }
    }

    /// Why the page, or the rest of it, passes as it is.
    pub fn passed(&self) -> Option<Passed> {
        match &self.stage {
            Stage::Same(_) => None,
            Stage::Other(other) => other.rewriter.passed(),
        }
    }

    /// Whether whatever is still to come of the page goes out as it is, as far as is known.
    pub fn is_finished(&self) -> bool {
        match &self.stage {
            Stage::Same(_) => false,
            Stage::Other(other) => other.rewriter.is_finished(),
        }
    }
}
